// Every socket that the page opens, counted where it is made.
const Native = globalThis.WebSocket;
const all = [];

globalThis.WebSocket = class extends Native {
  constructor(...args) {
    super(...args);
    all.push(this);
  }
};

export const opened = () => all.length;
export const alive = () => all.filter((socket) => socket.readyState !== Native.CLOSED).length;
