// Gives an Emscripten program the environment of the node process that runs it.
Module['preRun'] = Module['preRun'] || [];
Module['preRun'].push(() => {
  if (typeof ENV !== 'undefined') Object.assign(ENV, process.env); // it is there if it is read
});
// Emscripten 3.1.6 takes a node that has fetch (18 and later) for a browser, and a path for a URL.
globalThis.fetch = undefined;
