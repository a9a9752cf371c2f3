#!/usr/bin/env node
// Talks to wg-agent: shows its networks, brings one up, and follows what happens meanwhile.
//
//     node agent.mjs SOCKET NETWORK
//
// Needs nothing but Node 18. docs/api.md has every method.
import { connect } from 'node:net';
import { EventEmitter } from 'node:events';
import { createInterface } from 'node:readline';

/** The agent understood and said no; type is one of docs/api.md, e.g. network_not_found. */
class Refused extends Error {
  constructor(error) {
    super(error.message);
    this.type = error.data?.type ?? 'internal_error';
    this.problems = error.data?.problems ?? [];
  }
}

/** One connection; calls may be under way side by side. Emits 'event' for each event. */
class Agent extends EventEmitter {
  #socket;
  #waiting = new Map();
  #nextId = 1;

  constructor(path) {
    super();
    this.#socket = connect({ path });
    createInterface({ input: this.#socket }).on('line', (line) => this.#take(JSON.parse(line)));
    this.#socket.on('error', (failed) => this.#end(failed));
    this.#socket.on('close', () => this.#end(new Error('the agent closed the connection: see its log')));
  }

  /** Resolves with the result, rejects with Refused or when nothing came within timeoutMs. */
  call(method, params = {}, timeoutMs = 10_000) {
    const id = this.#nextId++;
    this.#socket.write(JSON.stringify({ jsonrpc: '2.0', id, method, params }) + '\n');
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new Error(`no answer to ${method} within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#waiting.set(id, { resolve, reject, timer });
    });
  }

  close() {
    this.#socket.end();
  }

  #take(message) {
    if (message.method === 'event') {
      this.emit('event', message.params);
    } else if (message.error && message.id == null) {
      this.#end(new Refused(message.error)); // The connection as a whole is refused.
    } else {
      const call = this.#waiting.get(message.id);
      this.#waiting.delete(message.id);
      clearTimeout(call?.timer);
      if (message.error) call?.reject(new Refused(message.error));
      else call?.resolve(message.result);
    }
  }

  #end(reason) {
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(reason);
    }
    this.#waiting.clear();
  }
}

const [path, network] = process.argv.slice(2);
const agent = new Agent(path);
try {
  const { networks } = await agent.call('status');
  for (const found of networks) {
    console.log(`${found.network}: ${found.state}, ${found.peers.total} peers`);
  }
  await agent.call('subscribe', { topics: ['state'] });
  const active = new Promise((resolve) => {
    agent.on('event', (event) => {
      if (event.network !== network) return;
      console.log(`event: ${event.data.from} -> ${event.data.to}`);
      if (event.data.to === 'active') resolve();
    });
  });
  const result = await agent.call('connect', { network });
  await active;
  console.log(`connected: ${result.network} on ${result.interface}`);
} catch (failed) {
  console.error(failed instanceof Refused ? `refused: ${failed.type}: ${failed.message}` : failed.message);
  process.exitCode = 1;
} finally {
  agent.close();
}
