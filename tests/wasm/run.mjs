// Calls each function that the module on the command line exports, on an instance of its own, and fails if one panics
// that should not, or one that should does not, or says something else.

import { readFileSync } from "node:fs";

const PATH = "paceline_on_wasm::";
const NO_THREADS = "this target has no threads";

const module = new WebAssembly.Module(readFileSync(process.argv[2]));
if (WebAssembly.Module.imports(module).length > 0) {
    throw new Error("the module wants something imported");
}
const names = WebAssembly.Module.exports(module).map(({ name }) => name).filter((name) => name.startsWith(PATH));

/** What the panic said that ended a call on this instance. */
function messageOf({ exports }) {
    const place = exports.message();
    const [length, begin] = [Number(place >> 32n), Number(place & 0xffffffffn)];
    return new TextDecoder().decode(new Uint8Array(exports.memory.buffer, begin, length));
}

/** What a call said as it panicked; null if it returned. */
function call(name) {
    const instance = new WebAssembly.Instance(module);
    try {
        instance.exports[name]();
        return null;
    } catch (error) {
        if (!(error instanceof WebAssembly.RuntimeError)) {
            throw error;
        }
        return messageOf(instance) || `trapped without a message: ${error.message}`;
    }
}

let failed = 0;
for (const name of names) {
    process.stdout.write(`${name.slice(PATH.length)} ... `);
    const said = call(name);
    const isRight = name.includes("::refuses_") ? said?.includes(NO_THREADS) : said === null;
    console.log(isRight ? "ok" : `FAILED: ${said ?? "it returned"}`);
    failed += isRight ? 0 : 1;
}
console.log(`${names.length - failed} of ${names.length} entry points are right`);
process.exitCode = names.length > 0 && failed === 0 ? 0 : 1;
