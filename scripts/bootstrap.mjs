// The door of `npm start` and `npm test`: needs nothing but Node and npm, installs what is missing, hands over.
// It is written in old syntax on purpose, so that an old Node can read it far enough to say that it is too old.

import { spawn, spawnSync } from 'child_process';
import { createHash } from 'crypto';
import fs from 'fs';
import os from 'os';
import path from 'path';
import { fileURLToPath } from 'url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const stateDir = path.join(root, '.bourse');
const stampPath = path.join(root, 'node_modules', '.bourse-install');
const markerPath = path.join(stateDir, 'install.lock');
const scripts = { start: 'scripts/start.ts', test: 'scripts/verify.ts' };
const oldestNode = 20;

/** What a person can act on: printed as one sentence, without a stack. */
class Refusal extends Error {}

/** The process that a signal must reach: while installing its whole group, afterwards the program itself. */
let current = null;
let wasInterrupted = false;

function main() {
  const name = process.argv[2];
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    throw new Refusal(`Bourse needs Node.js ${oldestNode} or newer; this is ${process.version} (${process.execPath}).`);
  }
  if (!Object.keys(scripts).includes(name)) throw new Refusal('Usage: node scripts/bootstrap.mjs start|test');
  process.chdir(root);
  listenToSignals();
  assertWritable();
  return install(name).then((stamp) => handOver(name, stamp));
}

function listenToSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      wasInterrupted = true;
      if (!current) process.exit(130);
      // A closed terminal means "stop", like the other two, but programs seldom listen to SIGHUP.
      send(current.isGroup ? -current.pid : current.pid, signal === 'SIGHUP' ? 'SIGTERM' : signal);
    });
  }
}

function send(pid, signal) {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    // EPERM: alive, but under another user, as PostgreSQL is when root starts it.
    return error.code === 'EPERM';
  }
}

/** Whether a process lives. Where /proc tells, one that has ended but that nobody collected does not. */
function isProcess(pid) {
  return Number.isInteger(pid) && pid > 0 && send(pid, 0) && !/^Z/.test(afterName(pid));
}

/** The same for a process group. */
function hasMembers(group) {
  if (!Number.isInteger(group) || group <= 0 || !send(-group, 0)) return false;
  if (!fs.existsSync('/proc/self/stat')) return true;
  const processes = fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map(afterName).some((stat) => /^[^Z] \d+ (\d+)/.test(stat) && Number(stat.split(' ')[2]) === group);
}

/** "state parent group ..." of a process, from behind its name, which may hold spaces and brackets. */
function afterName(pid) {
  const stat = readText(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2);
}

function assertWritable() {
  try {
    fs.mkdirSync(stateDir, { recursive: true });
    const probe = path.join(stateDir, `.probe-${process.pid}`);
    fs.writeFileSync(probe, 'x');
    fs.unlinkSync(probe);
  } catch (error) {
    throw new Refusal(explainFileError(error) || `${stateDir} cannot be written: ${error.message}`);
  }
}

function explainFileError(error) {
  const text = `${error.code} ${error.message}`;
  if (/ENOSPC|EDQUOT/.test(text)) return `The disk that holds ${root} is full: free about 3 GB and run this again.`;
  if (/EROFS|EACCES|EPERM/.test(text)) {
    return `The directory ${root} is read-only for this user: Bourse installs its packages and keeps its state there.`;
  }
  return null;
}

// --- Installing -----------------------------------------------------------------------------------------------------

/** Brings node_modules in line with pnpm-lock.yaml. Resolves to the stamp: where pnpm and Node 24 are. */
async function install(name) {
  const hash = hashInputs();
  const stamp = readJson(stampPath);
  const isInterrupted = readMarker();
  if (stamp && stamp.hash === hash && !isInterrupted && isComplete(stamp)) return stamp;

  const startedAt = Date.now();
  say('Installing packages (a first time takes a minute or two) ...');
  if (isInterrupted) {
    say('An earlier install did not finish; it is started over.');
    for (const folder of ['.', ...workspaceFolders()]) {
      fs.rmSync(path.join(root, folder, 'node_modules'), { recursive: true, force: true });
    }
  }
  fs.writeFileSync(markerPath, JSON.stringify({ pid: process.pid }));
  const pnpm = await findPnpm(name);
  const { code, output } = await runGroup(pnpm, ['install', '--frozen-lockfile', '--reporter=append-only'], {
    env: cleanEnvironment({ npm_config_confirm_modules_purge: 'false' }),
    isShown: true,
  });
  if (code !== 0) {
    // pnpm ended by itself and left nothing half-written; only an install that was killed must be started over.
    fs.unlinkSync(markerPath);
    throw new Refusal(explainInstall(name, output, code));
  }
  const node = findNode24();
  fs.writeFileSync(stampPath, JSON.stringify({ hash, pnpm, node }));
  fs.unlinkSync(markerPath);
  say(`Packages installed in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
  return { hash, pnpm, node };
}

/** Whether an earlier install was cut off. Refuses when it is still running. */
function readMarker() {
  if (!fs.existsSync(markerPath)) return false;
  const marker = readJson(markerPath);
  const isRunning = marker && (isProcess(marker.pid) || hasMembers(marker.group));
  if (isRunning) {
    throw new Refusal(
      `Another install of this directory is running (process ${marker.group || marker.pid}); wait for it to end. ` +
        `If it is not, delete ${markerPath}.`,
    );
  }
  return true;
}

function hashInputs() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  const manifests = workspaceFolders().map((folder) => `${folder}/package.json`);
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    hash.update(file).update(fs.readFileSync(path.join(root, file)));
  }
  return hash.digest('hex');
}

function workspaceFolders() {
  const folders = ['apps', 'packages'].flatMap((parent) =>
    fs.readdirSync(path.join(root, parent)).map((name) => `${parent}/${name}`),
  );
  return folders.filter((folder) => fs.existsSync(path.join(root, folder, 'package.json'))).sort();
}

/** A stamp alone proves little: someone may have deleted node_modules in part, or the npx cache with pnpm in it. */
function isComplete(stamp) {
  const hasModules = workspaceFolders().every((folder) => {
    const manifest = readJson(path.join(root, folder, 'package.json')) || {};
    const needs = Object.keys(Object.assign({}, manifest.dependencies, manifest.devDependencies));
    return needs.every((need) => fs.existsSync(path.join(root, folder, 'node_modules', need)));
  });
  return hasModules && fs.existsSync(stamp.pnpm) && fs.existsSync(stamp.node);
}

/** The path of the pinned pnpm, fetched by npx into npm's own cache. Nothing is installed globally. */
async function findPnpm(name) {
  const { packageManager } = readJson(path.join(root, 'package.json'));
  const { code, output, stdout } = await runGroup('npx', ['-y', '-p', packageManager, '-c', 'command -v pnpm'], {
    env: cleanEnvironment({}),
    isShown: false,
  });
  const found = stdout.trim().split('\n').pop();
  if (code === 0 && fs.existsSync(found)) return found;
  if (code === 127) throw new Refusal('npx was not found: Bourse needs the npm that comes with Node.js.');
  process.stderr.write(output);
  throw new Refusal(explainInstall(name, output, code));
}

function explainInstall(name, output, code) {
  if (wasInterrupted) return 'Interrupted while installing; the next run starts the install over.';
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|SOCKET_TIMEOUT/.test(output)) {
    return `No network: the npm registry did not answer, and this first run needs it. Connect and run \`npm ${name}\` again.`;
  }
  if (/OUTDATED_LOCKFILE/.test(output)) {
    return 'pnpm-lock.yaml does not belong to the package.json files: run `pnpm install` and commit the lockfile.';
  }
  return (
    explainFileError({ code: '', message: output }) ||
    `The packages could not be installed (exit code ${code}); what npm or pnpm said stands above.`
  );
}

/**
 * The environment for npm and pnpm. node_modules/.bin is taken off the PATH: npm puts it first, and it holds the very
 * `node` that is being installed. Retries are short, so that "no network" is said in seconds and not in minutes.
 */
function cleanEnvironment(extra) {
  const own = path.join(root, 'node_modules');
  const folders = (process.env.PATH || '').split(path.delimiter).filter((folder) => !folder.startsWith(own));
  return Object.assign(
    {
      npm_config_update_notifier: 'false',
      npm_config_fetch_retries: '2',
      npm_config_fetch_retry_mintimeout: '1000',
      npm_config_fetch_retry_maxtimeout: '5000',
    },
    process.env,
    { PATH: [path.dirname(process.execPath), ...folders].join(path.delimiter) },
    extra,
  );
}

/** Runs a program in a process group of its own, so that a signal ends all that it started. */
function runGroup(command, args, { env, isShown }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let stdout = '';
    const collect = (isStdout) => (chunk) => {
      output = (output + chunk).slice(-20000);
      if (isStdout) stdout += chunk;
      if (isShown) process.stdout.write(chunk);
    };
    child.stdout.on('data', collect(true));
    child.stderr.on('data', collect(false));
    child.on('error', (error) => resolve({ code: 127, output: error.message, stdout }));
    if (child.pid) {
      current = { pid: child.pid, isGroup: true };
      fs.writeFileSync(markerPath, JSON.stringify({ pid: process.pid, group: child.pid }));
    }
    child.on('close', (code) => {
      current = null;
      resolve({ code: code === null ? 130 : code, output, stdout });
    });
  });
}

/**
 * The real Node 24 of the npm package `node`. Depending on how it was installed, `bin/node` is the program itself, a
 * script, or missing while the package for this platform holds it; a script would swallow signals.
 */
function findNode24() {
  const folder = fs.realpathSync(path.join(root, 'node_modules', 'node'));
  const platforms = [`node-${process.platform}-${process.arch}`, `node-bin-${process.platform}-${process.arch}`];
  const candidates = [
    path.join(folder, 'bin', 'node'),
    ...platforms.map((name) => path.join(folder, 'node_modules', name, 'bin', 'node')),
    ...platforms.map((name) => path.join(path.dirname(folder), name, 'bin', 'node')),
    process.execPath,
  ];
  const found = candidates.find((file) => isNode24(file));
  if (!found) {
    throw new Refusal(
      `The packages hold no Node.js 24 that runs here (${process.platform} ${process.arch}); install Node.js 24.`,
    );
  }
  return found;
}

function isNode24(file) {
  if (!fs.existsSync(file) || readStart(file) === '#!') return false;
  return /^v24\./.test(spawnSync(file, ['--version'], { encoding: 'utf8' }).stdout || '');
}

function readStart(file) {
  const descriptor = fs.openSync(file, 'r');
  const bytes = Buffer.alloc(2);
  fs.readSync(descriptor, bytes, 0, 2, 0);
  fs.closeSync(descriptor);
  return bytes.toString('latin1');
}

// --- Handing over ---------------------------------------------------------------------------------------------------

/**
 * Runs the program with Node 24. It gets a session of its own: a Ctrl-C then reaches only this process, which passes
 * it on once, and the program stops its children in order instead of all of them falling at the same moment.
 * The channel tells the program when this process is gone without a word.
 */
function handOver(name, stamp) {
  const env = Object.assign({}, process.env, {
    PATH: [path.dirname(stamp.node), path.dirname(stamp.pnpm), process.env.PATH].join(path.delimiter),
  });
  const child = spawn(stamp.node, [scripts[name], ...process.argv.slice(3)], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  current = { pid: child.pid, isGroup: false };
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      const ending = code === null ? 128 + os.constants.signals[signal] : code;
      endDatabaseOf(child.pid);
      endGroup(child.pid).then(() => resolve(ending), reject);
    });
  });
}

/** Ends what the program left behind, if it fell without stopping its children. */
async function endGroup(pid) {
  for (const [signal, patienceMs] of [
    ['SIGTERM', 10000],
    ['SIGKILL', 1000],
  ]) {
    if (!hasMembers(pid)) return;
    send(-pid, signal);
    const deadline = Date.now() + patienceMs;
    while (hasMembers(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The embedded PostgreSQL has a session of its own; a program that was killed could not stop it. */
function endDatabaseOf(owner) {
  const place = path.join(stateDir, 'postgres');
  // It may be a link: see packages/db/src/embedded/reachable.ts.
  const dataDir = fs.existsSync(place) ? fs.realpathSync(place) : place;
  if (Number(readText(`${dataDir}.owner`)) !== owner) return;
  const pid = Number(readText(path.join(dataDir, 'postmaster.pid')).split('\n')[0]);
  if (pid > 1) send(pid, 'SIGINT');
}

function readText(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    // Not there: then there is nothing to read.
    return '';
  }
}

function readJson(file) {
  try {
    return JSON.parse(readText(file));
  } catch {
    // Missing or cut off in the middle of a write: both mean that nothing is known.
    return null;
  }
}

function say(text) {
  process.stdout.write(`${text}\n`);
}

// Not `await`: an old Node could not parse it here.
Promise.resolve()
  .then(main)
  .then(
    (code) => process.exit(code),
    (error) => {
      process.stderr.write(`\n${error instanceof Refusal ? error.message : error.stack}\n`);
      process.exit(wasInterrupted ? 130 : 1);
    },
  );
