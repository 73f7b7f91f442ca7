import { InputError } from './errors.ts';

/** Why a server cannot listen there, as one line for whoever chose host and port; any other error is returned as it is. */
export function listenError(thrown: unknown, host: string, port: number): unknown {
  switch ((thrown as NodeJS.ErrnoException | null)?.code) {
    case 'EADDRINUSE':
      return new InputError(`port ${port} is taken; choose another with --port, or --port 0 for a free one`);
    case 'EACCES':
      return new InputError(`port ${port} may not be used; choose one above 1023 with --port`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN': // a name that no name server could be asked about
    case 'EAI_FAIL':
    case 'EINVAL':
      return new InputError(`this machine has no address '${host}'`, { field: 'host' });
    default:
      return thrown;
  }
}
