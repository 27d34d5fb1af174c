/// <reference lib="esnext.disposable" preserve="true" />

export { fakeServer, unplug, type FakeServer } from "./server.js";
