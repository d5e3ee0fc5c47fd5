// Runs a test program that is WebAssembly, under node: of WASI (.wasm) or of Emscripten (.js).
//
// usage: run.mjs PROGRAM [ARGUMENT...]
//
// A test that asks for what WebAssembly lacks ends its program as skipped. So, without arguments, if
// the program does not pass as a whole, each test that `PROGRAM --list` names runs in a process of
// its own. Exit code 0 if all passed or were skipped, 77 if all were skipped, otherwise that of the
// first that failed.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { WASI } from 'node:wasi';

const SKIPPED = 77;
const ABORTED = 134;
const words = process.argv.slice(2);
const isInside = words[0] === '--inside'; // this process is to become the program
const [program, ...given] = isInside ? words.slice(1) : words;
const isWasi = program.endsWith('.wasm');

function runWasi() {
  const module = new WebAssembly.Module(fs.readFileSync(program));
  const wasi = new WASI({ version: 'preview1', args: [program, ...given], env: process.env,
                          preopens: { '/': '/' }, returnOnExit: true });
  globalThis.wasi = wasi; // node 20 collects it while the program sleeps, and aborts
  try {
    // node 18 has no wasi.getImportObject()
    const imports = { wasi_snapshot_preview1: wasi.wasiImport };
    return wasi.start(new WebAssembly.Instance(module, imports));
  } catch (error) {
    console.error(error.stack);
    return ABORTED;
  }
}

function spawn(args, stdio) {
  const script = isWasi ? [fileURLToPath(import.meta.url), '--inside'] : [];
  const command = [...process.execArgv, ...script, program, ...args];
  const run = spawnSync(process.execPath, command, { encoding: 'utf8', stdio });
  return { status: run.status ?? ABORTED, text: `${run.stdout ?? ''}${run.stderr ?? ''}` };
}

function runEach(names) {
  const runs = names.map((name) => ({ name, ...spawn([name], 'pipe') }));
  const isAllSkipped = runs.every(({ status }) => status === SKIPPED);
  for (const { name, status, text } of runs) {
    const isPart = status === SKIPPED && !isAllSkipped;
    process.stdout.write(isPart ? text.replace(/^SKIPPED: /gm, 'PART SKIPPED: ') : text);
    if (status !== 0) process.stdout.write(`  ${name} ended with ${status}\n`);
  }
  const failed = runs.find(({ status }) => status !== 0 && status !== SKIPPED);
  return failed ? failed.status : isAllSkipped ? SKIPPED : 0;
}

function runTests() {
  const all = spawn([], 'pipe');
  const listed = all.status === 0 ? null : spawn(['--list'], 'pipe');
  if (listed?.status === 0) return runEach(listed.text.trim().split('\n'));
  process.stdout.write(all.text);
  return all.status;
}

if (isInside) {
  process.exitCode = runWasi();
} else {
  process.exitCode = given.length > 0 ? spawn(given, 'inherit').status : runTests();
}
