// A WebSocket in memory.

/** The other end of a socket. */
export interface Listener {
  /** A socket wants to open. `false`: the network is down. */
  open(socket: FakeSocket): boolean;
  message(socket: FakeSocket, text: string): void;
  closed(socket: FakeSocket): void;
}

export class FakeSocket extends EventTarget {
  readonly protocol = "carewire.v1";
  readonly extensions = "";
  readonly bufferedAmount = 0;
  binaryType = "blob";
  readyState = 0;
  onopen: ((event: Event) => void) | null = null;
  onmessage: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  onclose: ((event: Event) => void) | null = null;
  #listener: Listener;

  constructor(
    listener: Listener,
    readonly url: string,
  ) {
    super();
    this.#listener = listener;
    queueMicrotask(() => {
      if (this.readyState !== 0) return;
      if (!listener.open(this)) return this.end(1006);
      this.readyState = 1;
      this.#fire("open", {});
    });
  }

  send(text: string): void {
    if (this.readyState === 1) queueMicrotask(() => this.#listener.message(this, text));
  }

  close(code = 1005, reason = ""): void {
    this.end(code, reason);
  }

  /** The server says something. */
  deliver(frame: object): void {
    const data = JSON.stringify(frame);
    queueMicrotask(() => {
      if (this.readyState === 1) this.#fire("message", { data });
    });
  }

  /** It is closed, from whichever side. */
  end(code: number, reason = ""): void {
    if (this.readyState >= 2) return;
    this.readyState = 2;
    queueMicrotask(() => {
      this.readyState = 3;
      this.#listener.closed(this);
      if (code === 1006) this.#fire("error", {});
      this.#fire("close", { code, reason, wasClean: code !== 1006 });
    });
  }

  #fire(type: "open" | "message" | "error" | "close", what: object): void {
    const event = Object.assign(new Event(type), what);
    this[`on${type}`]?.(event);
    this.dispatchEvent(event);
  }
}
