// The house's import rules (docs/ARCHITECTURE.md): imports go down or sideways on a pure floor, never up.
// tooling/dependency-cruiser.test.ts breaks each rule once and sees it turn red.

const floor0 = ['money', 'ids', 'errors', 'generation', 'wire'];
const floor1 = ['catalog', 'routing', 'billing', 'access'];
const floor2 = ['db', 'providers', 'redis', 'payments', 'telemetry', 'ui', 'testing'];

const packages = (names) => `^packages/(${names.join('|')})/`;
const tests = '(\\.test\\.tsx?$|/test/|/__fixtures__/)';

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Two modules that need one another are one module, or hide a third.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'An import that does not resolve would be checked by none of the other rules.',
      from: {},
      to: { couldNotResolve: true, pathNot: '^(bun|cloudflare):' },
    },
    {
      name: 'not-undeclared',
      severity: 'error',
      comment: 'A package imports only what its own package.json names.',
      from: { path: '^(apps|packages)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'floor-0-looks-up',
      severity: 'error',
      comment: 'money, ids, errors, generation and wire may import one another only.',
      from: { path: packages(floor0) },
      to: { path: ['^apps/', packages([...floor1, ...floor2])], pathNot: packages(['testing']) },
    },
    {
      name: 'floor-1-looks-up',
      severity: 'error',
      comment: 'The domain decides on values: it knows no adapter and no app.',
      from: { path: packages(floor1) },
      to: { path: ['^apps/', packages(floor2)], pathNot: packages(['testing']) },
    },
    {
      name: 'pure-floors-do-no-io',
      severity: 'error',
      comment: 'Floors 0 and 1 import no node: module; clock, randomness and I/O are handed in.',
      from: { path: packages([...floor0, ...floor1]), pathNot: tests },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'floor-0-stands-alone',
      severity: 'error',
      comment: 'The ground floor takes zod from npm and nothing else.',
      from: { path: packages(floor0), pathNot: tests },
      to: { path: 'node_modules/', pathNot: 'node_modules/zod/' },
    },
    {
      name: 'adapters-apart',
      severity: 'error',
      comment: 'Adapters do not know one another; telemetry is for all.',
      from: { path: `^packages/(${floor2.filter((name) => name !== 'testing').join('|')})/`, pathNot: tests },
      to: { path: packages(floor2), pathNot: ['^packages/$1/', packages(['telemetry'])] },
    },
    {
      name: 'testing-knows-only-db',
      severity: 'error',
      comment: 'The harness prepares databases; what else a test needs, the test brings along.',
      from: { path: packages(['testing']), pathNot: tests },
      to: { path: packages(floor2), pathNot: packages(['testing', 'db', 'telemetry']) },
    },
    {
      name: 'packages-know-no-app',
      severity: 'error',
      comment: 'A package that imports an app cannot be used by another.',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    {
      name: 'apps-apart',
      severity: 'error',
      comment: 'Apps speak to one another over HTTP and the database, never by import.',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'front-door-only',
      severity: 'error',
      comment: 'A package is entered through the files its exports name, not through its insides.',
      from: { path: '^(?:apps|packages)/([^/]+)/' },
      to: {
        path: '^packages/',
        pathNot: [
          '^packages/$1/',
          '^packages/[^/]+/src/index\\.ts$',
          '^packages/db/src/embedded\\.ts$',
          '^packages/catalog/src/data\\.ts$',
          '\\.css$',
        ],
      },
    },
    {
      name: 'only-db-imports-prisma',
      severity: 'error',
      comment: 'Every query lives in packages/db, where it is typed, scoped and tested.',
      from: {
        pathNot: [
          '^packages/db/',
          '^scripts/(prisma-generate|write-migration|migration/)',
          '^prisma/prisma\\.config\\.ts$',
        ],
      },
      to: { path: ['node_modules/(@prisma|prisma|\\.prisma)/', '^packages/db/src/generated/'] },
    },
    {
      name: 'dashboard-reads-through-data',
      severity: 'error',
      comment: 'Only src/data authorizes and scopes by organization, so only src/data may open the database.',
      from: { path: '^apps/dashboard/', pathNot: ['^apps/dashboard/src/data/', tests] },
      to: { path: packages(['db']) },
    },
    {
      name: 'only-gateway-talks-to-providers',
      severity: 'error',
      comment: 'One place meters and charges; a second caller of providers would be free of charge.',
      from: { path: '^(apps|packages)/', pathNot: ['^apps/gateway/', '^packages/providers/', tests] },
      to: { path: packages(['providers']) },
    },
    {
      name: 'only-dashboard-uses-ui',
      severity: 'error',
      comment: 'Components belong to the one app that renders them.',
      from: { pathNot: ['^apps/dashboard/', '^packages/ui/'] },
      to: { path: packages(['ui']) },
    },
    {
      name: 'testing-stays-in-tests',
      severity: 'error',
      comment: 'The harness creates and drops databases; it has no place in a running app.',
      from: { path: '^(apps|packages)/', pathNot: ['^packages/testing/', tests] },
      to: { path: packages(['testing']) },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['^packages/db/src/generated/', '/\\.next/', '/dist/'] },
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json', '.css', '.d.ts'],
    },
  },
};
