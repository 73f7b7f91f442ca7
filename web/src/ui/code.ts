const lineWidth = 88;
const deepest = 40;

/**
 * JSON as the code that made it would look: what a factory described of itself (`{ name, version, options }`) is a call. Short
 * things stay on a line.
 */
export function codeOf(value: unknown, indent = 0, depth = 0): string {
  if (depth > deepest) return '…';
  if (value === null || typeof value !== 'object')
    return value === undefined ? 'undefined' : JSON.stringify(value);
  const call = asCall(value as Record<string, unknown>);
  if (call) {
    const given = call.options !== undefined && Object.keys(call.options).length > 0;
    return `${call.name}(${given ? codeOf(call.options, indent, depth + 1) : ''})`;
  }
  const isList = Array.isArray(value);
  const [open, close] = isList ? '[]' : '{}';
  const entries = isList
    ? value.map((each) => codeOf(each, indent + 2, depth + 1))
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(
          ([name, each]) =>
            `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}: ${codeOf(each, indent + 2, depth + 1)}`,
        );
  if (entries.length === 0) return `${open}${close}`;
  const pad = isList ? '' : ' ';
  const line = `${open}${pad}${entries.join(', ')}${pad}${close}`;
  if (line.length + indent <= lineWidth && !line.includes('\n')) return line;
  const inner = ' '.repeat(indent + 2);
  return `${open}\n${entries.map((entry) => `${inner}${entry},`).join('\n')}\n${' '.repeat(indent)}${close}`;
}

function asCall(value: Record<string, unknown>): { name: string; options?: object } | undefined {
  const { name, version, options, ...rest } = value;
  if (
    Array.isArray(value) ||
    typeof name !== 'string' ||
    version === undefined ||
    Object.keys(rest).length > 0
  )
    return undefined;
  if (options !== undefined && (typeof options !== 'object' || options === null)) return undefined;
  return { name, options: options as object | undefined };
}
