import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { validate } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

// Without an engine the images cannot be built here; what can be known without one is checked.

const rootDir = fileURLToPath(new URL('..', import.meta.url));
const read = (path: string) => readFileSync(join(rootDir, path), 'utf8');
const dockerfiles = globSync('docker/*.Dockerfile', { cwd: rootDir }).sort();

type Service = {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly healthcheck?: object;
  readonly depends_on?: Readonly<Record<string, object>>;
};
const compose: { services: Record<string, Service>; volumes: object } = parse(read('docker/compose.yaml'), {
  merge: true,
});
const services = Object.entries(compose.services);

test('every app has a Dockerfile of its own', () => {
  const apps = globSync('apps/*', { cwd: rootDir }).map((path) => basename(path));
  expect(dockerfiles.map((path) => basename(path, '.Dockerfile'))).toEqual(apps.sort());
});

describe.each(dockerfiles)('%s', (path) => {
  const text = read(path);
  const app = basename(path, '.Dockerfile');

  test('is valid', () => {
    expect(validate(text)).toEqual([]);
  });

  test('copies only from stages that it defines', () => {
    const stages = new Set([...text.matchAll(/^FROM \S+ AS (\S+)/gm)].map(([, name]) => name));
    for (const [, stage] of text.matchAll(/^COPY --from=(\S+)/gm)) expect(stages).toContain(stage);
  });

  test('starts a file that exists, as Node itself and not through a shell', () => {
    const [, script = ''] = /^CMD \["node",(?: "--[^"]+",)* "([^"]+)"\]$/m.exec(text) ?? [];
    expect(script.startsWith(`apps/${app}/`)).toBe(true);
    // Next writes the dashboard's server.js; the others run from source.
    if (app !== 'dashboard') expect(existsSync(join(rootDir, script))).toBe(true);
  });

  test('has a health check, does not run as root, and names no secret', () => {
    expect(text).toMatch(/^HEALTHCHECK /m);
    expect(text).toMatch(/^USER node$/m);
    expect(text).not.toMatch(/^(ARG|ENV).*(SECRET|PASSWORD|API_KEY)/m);
  });

  test('brings the Node version that we test with, and the pnpm of the workspace', () => {
    const manifest = JSON.parse(read('package.json'));
    for (const [, version] of text.matchAll(/^FROM node:([\d.]+)-/gm))
      expect(version).toBe(manifest.devDependencies.node);
    expect(text).toContain(`npm install --global ${manifest.packageManager}`);
  });
});

describe('compose.yaml', () => {
  test('runs PostgreSQL, Redis and every app but the sandbox', () => {
    expect(services.map(([name]) => name).sort()).toEqual(['dashboard', 'gateway', 'postgres', 'redis', 'worker']);
  });

  test.each(services)(
    '%s is built from a file that exists, or has a pinned image and a health check',
    (_name, service) => {
      if (service.build)
        expect(existsSync(join(rootDir, 'docker', service.build.context, service.build.dockerfile))).toBe(true);
      else {
        expect(service.image).toMatch(/:\d/);
        expect(service.healthcheck).toBeDefined();
      }
    },
  );

  test.each(services)('%s waits only for services that exist', (_name, service) => {
    for (const name of Object.keys(service.depends_on ?? {})) expect(compose.services).toHaveProperty(name);
  });

  test('holds no secret: each comes from outside, or compose refuses to start', () => {
    const secrets = services.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).filter(([name]) => /SECRET|PASSWORD|SMTP_URL|DATABASE_URL/.test(name)),
    );
    expect(secrets.length).toBeGreaterThan(5);
    // A provider's secret may be absent: its endpoints are not called then.
    for (const [name, value] of secrets)
      expect(value).toMatch(name.endsWith('_ACCESS_KEY') ? /^\$\{[A-Z_]+:-\}$/ : /\$\{[A-Z_]+:\?/);
  });

  test('sets only variables that .env.example explains', () => {
    const names = services.flatMap(([, { environment = {} }]) => Object.keys(environment));
    const known = read('.env.example');
    for (const name of names.filter((each) => !each.startsWith('POSTGRES_')))
      expect(known).toMatch(new RegExp(`^(# )?${name}=`, 'm'));
  });
});
