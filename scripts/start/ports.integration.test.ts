import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { assertPortsFree, findFreePorts, readPorts } from './ports.ts';

describe('ports from the environment', () => {
  test('have the documented defaults', () => {
    expect(readPorts({})).toEqual({
      gateway: 4000,
      dashboard: 3000,
      sandbox: 4010,
      sandboxSmtp: 4025,
      worker: 4020,
      postgres: 5439,
    });
  });

  test.each(['0', '65536', '-1', '4000.5', 'http'])('"%s" is refused by the name of its variable', (text) => {
    expect(() => readPorts({ GATEWAY_PORT: text })).toThrow(/^GATEWAY_PORT is ".*", which is not a port/);
  });

  test('two parts on one port are refused', () => {
    expect(() => readPorts({ GATEWAY_PORT: '3000' })).toThrow('DASHBOARD_PORT and GATEWAY_PORT are both 3000');
  });
});

describe('a busy port', () => {
  test.each(['127.0.0.1', '0.0.0.0', '::'])(
    'is named with the variable that moves it, when held on %s',
    async (host) => {
      const ports = await findFreePorts();
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(ports.worker, host, resolve));
      try {
        const all = Object.keys(ports).filter((name): name is keyof typeof ports => name in ports);
        const sentence = `Port ${ports.worker}, where the worker's health page would listen, is used by another program: stop it, or set WORKER_PORT to a free port.`;
        await expect(assertPortsFree(ports, all)).rejects.toThrow(sentence);
      } finally {
        server.close();
      }
    },
  );

  test('does not matter when it is not needed', async () => {
    const ports = await findFreePorts();
    await expect(assertPortsFree(ports, ['gateway'])).resolves.toBeUndefined();
  });
});
