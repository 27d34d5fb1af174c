// Pictures and voices of one call: what this device sends, and a link to each of the others.

import type { CallParticipant, CallQualityCommand, CallSignalEvent, SignalType } from "../protocol.js";
import type { List, Settings } from "../types.js";
import type { Calling, Media, Peer } from "../views.js";
import { clearTimeout, setTimeout } from "../core/runtime.js";
import { Link } from "./link.js";
import { OwnMedia } from "./own.js";

/** How often it is measured how well the call arrives. */
const MEASURE_EVERY = 5_000;

/** What a call needs of the client. */
export interface TalkHost {
  me: string;
  config: Settings["rtc"];
  signal(to: string, type: SignalType, signal: unknown): void;
  media(media: { audio: boolean; video: boolean; screen: boolean }): void;
  quality(measured: Omit<CallQualityCommand, "callId">): void;
  changed(): void;
}

export class Talk {
  #host: TalkHost;
  #links = new Map<string, Link>();
  #config: Promise<RTCConfiguration>;
  #own: OwnMedia;
  #peers: List<CallParticipant> = [];
  #measuring: number | undefined;
  #closed = false;
  /** Signals are taken one after the other. */
  #order: Promise<void> = Promise.resolve();

  constructor(host: TalkHost) {
    this.#host = host;
    const { config } = host;
    this.#config = Promise.resolve(typeof config === "function" ? config() : (config ?? {}));
    this.#own = new OwnMedia(() => this.#sendMedia());
    this.#measure();
  }

  get self(): Calling["self"] {
    return this.#own.state;
  }

  peer(userId: string): { stream?: MediaStream; quality: Peer["quality"] } | undefined {
    return this.#links.get(userId);
  }

  /** What this device sends. What is not there shows as a problem; the call goes on. */
  async setMedia(media: Partial<Omit<Media, "stream">> & { deviceId?: string }): Promise<void> {
    await this.#own.set(media);
  }

  /** The others who are in the call. */
  setPeers(peers: List<CallParticipant>): void {
    this.#peers = peers;
    this.#then(async () => {
      for (const [userId, link] of this.#links) {
        const peer = this.#peers.find((one) => one.userId === userId);
        // Gone, or with another device.
        if (!peer || (peer.clientId !== undefined && link.clientId !== peer.clientId)) this.#unlink(userId);
      }
      for (const { userId, clientId } of this.#peers) await this.#link(userId, clientId);
    });
  }

  receive(signal: CallSignalEvent): void {
    this.#then(async () => {
      const { senderId, senderClientId } = signal;
      if (this.#links.get(senderId)?.clientId !== senderClientId) this.#unlink(senderId);
      const link = await this.#link(senderId, senderClientId);
      await link?.receive(signal.signalType, signal.signal);
    });
  }

  /** The connection was lost and is back: signals sent meanwhile are lost. */
  resume(rejoined: boolean): void {
    this.#then(async () => {
      if (rejoined) for (const userId of [...this.#links.keys()]) this.#unlink(userId);
      else for (const link of this.#links.values()) link.repair();
    });
    this.setPeers(this.#peers);
    this.#announce();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#measuring);
    for (const userId of [...this.#links.keys()]) this.#unlink(userId);
    this.#own.close();
  }

  #then(step: () => Promise<void>): void {
    this.#order = this.#order
      .then(async () => {
        if (!this.#closed) await step();
      })
      .catch(() => {
        // A link that cannot be made stays `unknown` or `lost`, which is shown.
        this.#host.changed();
      });
  }

  async #link(userId: string, clientId: string | undefined): Promise<Link | undefined> {
    const known = this.#links.get(userId);
    if (known) return known;
    // A browser without calls shows who is there, and no pictures.
    if (typeof RTCPeerConnection === "undefined") return undefined;
    const config = await this.#config;
    if (this.#closed) return undefined;
    const link = new Link({
      config,
      clientId,
      // One of the two yields when both begin at once.
      polite: this.#host.me < userId,
      tracks: () => this.#own.tracks,
      signal: (type, signal) => this.#host.signal(userId, type, signal),
      changed: () => this.#host.changed(),
    });
    this.#links.set(userId, link);
    return link;
  }

  #unlink(userId: string): void {
    this.#links.get(userId)?.close();
    this.#links.delete(userId);
  }

  #sendMedia(): void {
    if (this.#closed) return;
    for (const link of this.#links.values()) link.update();
    this.#announce();
    this.#host.changed();
  }

  #announce(): void {
    const { audio, video, screen } = this.#own.state;
    this.#host.media({ audio, video, screen });
  }

  #measure(): void {
    this.#measuring = setTimeout(() => {
      void (async () => {
        for (const link of this.#links.values()) {
          const measured = await link.measure();
          if (measured && !this.#closed) this.#host.quality(measured);
        }
      })().finally(() => {
        if (!this.#closed) this.#measure();
      });
    }, MEASURE_EVERY);
  }
}
