#!/usr/bin/env node
// Plain JavaScript on purpose: an older Node must get far enough to read the one line.
var needed = 24;
if (parseInt(process.versions.node, 10) < needed) {
  process.stderr.write(`assay needs Node ${needed} or newer; this is Node ${process.versions.node}\n`);
  process.exit(2);
} else {
  // node:sqlite still announces itself as experimental; that is no news for whoever scores a file.
  process.removeAllListeners('warning');
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${String(warning)}\n`);
  });
  import('../dist/src/cli/main.js').catch((error) => {
    var missing = error.code === 'ERR_MODULE_NOT_FOUND' && /src[\\/]cli[\\/]main\.js/.test(error.message);
    process.stderr.write(
      missing
        ? 'assay: not built here; run "npm run build", or in a checkout "npm run -s assay -- COMMAND"\n'
        : `assay: ${process.env.ASSAY_DEBUG ? error.stack : error.message}\n`,
    );
    process.exit(missing ? 2 : 1);
  });
}
