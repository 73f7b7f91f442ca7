import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

/**
 * Ends requests (408) whose body does not come within `seconds`, or of NDJSON streams, which may be of any length, those
 * that are still for so long while they are waited for. Node's own limit counts from the first byte for both.
 */
export function limitBodyTime(app: FastifyInstance, seconds: number): void {
  app.addHook('onRequest', async ({ raw, id, log, routeOptions, method }, reply) => {
    if (raw.complete) return;
    const streams = /ndjson|jsonl/.test(raw.headers['content-type'] ?? '');
    let before = raw.socket.bytesRead;
    const check = () => {
      const came = raw.socket.bytesRead;
      // What is read but not taken yet waits for us, not for the client.
      const moves = streams && (came !== before || raw.readableLength > 0);
      before = came;
      if (moves || raw.complete) return;
      // In the middle of a reply there is no saying why.
      if (reply.raw.headersSent) return void raw.socket.destroy();
      const reason = 'the body did not come in time';
      log.info({ method, route: routeOptions.url ?? 'none', status: 408, reason }, 'refused');
      refuse(raw.socket, 408, reason, id);
    };
    const timer = setInterval(check, seconds * 1000).unref();
    const done = () => clearInterval(timer);
    raw.once('end', done).once('close', done);
  });
}

/** Connections of a server that is going down, of which Node closes only those that are between two requests. */
export interface Connections {
  /** Ends those that never sent a request, and those that come from now on and send none. */
  close(): void;
  /** Ends all, whatever they have become. */
  closeAll(): void;
}

/** How long a first request may be under way when the server goes down, ms. */
const arriving = 100;

export function connectionsOf(server: Server): Connections {
  const all = new Set<Socket>();
  const silent = new Set<Socket>();
  let closed = false;
  /** A request that is on its way still gets its answer. */
  const endSoon = (socket: Socket) => {
    setTimeout(() => {
      if (silent.has(socket)) socket.destroy();
    }, arriving).unref();
  };
  server.on('connection', (socket: Socket) => {
    all.add(socket);
    silent.add(socket);
    if (closed) endSoon(socket);
    socket.once('close', () => {
      all.delete(socket);
      silent.delete(socket);
    });
  });
  for (const event of ['request', 'upgrade'])
    server.on(event, ({ socket }: IncomingMessage) => silent.delete(socket));
  return {
    close: () => {
      closed = true;
      for (const socket of silent) endSoon(socket);
    },
    closeAll: () => {
      for (const socket of all) socket.destroy();
    },
  };
}

/** What is wrong with a request that never became one: its headers were too long, too slow, or no HTTP. */
export function refuseClient(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refuse(socket, 408, 'the headers did not come in time');
  else if (error.code === 'HPE_HEADER_OVERFLOW') refuse(socket, 431, 'the headers are too long');
  else refuse(socket, 400, 'this is not an HTTP request');
}

/** Answers on the socket itself, and closes it. */
export function refuse(
  socket: Socket,
  status: number,
  message: string,
  requestId: string = randomUUID(),
): void {
  if (!socket.writable) return void socket.destroy();
  const body = JSON.stringify({ error: message, requestId });
  const headers = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close`;
  socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n${body}`);
  lingerOnClose(socket);
  socket.destroySoon();
}

/** How long a client that was refused may go on sending, ms. */
const lingering = 2000;

/**
 * Lets a client that is still sending a body read why it was refused: a socket that is closed at once with something unread
 * on it is reset, and its answer with it. What comes meanwhile is thrown away.
 */
export function lingerOnClose(socket: Socket): void {
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingering).unref();
    socket.once('end', () => socket.destroy()).once('close', () => clearTimeout(timer));
  };
}
