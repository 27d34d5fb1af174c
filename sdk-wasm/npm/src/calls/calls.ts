// The user's call: who rings, who is in it, and on which device. The pictures and voices are in a
// part of its own, which is loaded with the first call.

import type { Call, CallParticipant } from "../protocol.js";
import type { Engine } from "../engine.js";
import type { Local } from "../core/boundary.js";
import type { List, WireEvent } from "../types.js";
import type { Calling, Media, Peer } from "../views.js";
import { clearTimeout, setTimeout } from "../core/runtime.js";
import { Shared, Store } from "../live.js";
import type { Talk } from "./talk.js";
import { isOver, withMember, type Ended } from "./state.js";

/** How long an issue counts that is not told again. */
const ISSUE_FOR = 15_000;

type Phase = Calling["phase"];
type Signal = Extract<WireEvent, { type: "call:signal" }>["data"];

const SILENT: Calling["self"] = { audio: false, video: false, screen: false };

export class CallsEntry extends Shared {
  readonly view = new Store<Calling>(this, () => this.#build());
  #call: Call | undefined;
  #callerName: string | undefined;
  #ended: Ended | undefined;
  #issues = new Map<string, { metric: string; timer: number }>();
  /** Pictures and voices, while this device is in a call. */
  #talk: Talk | undefined;
  #loading = false;
  /** Signals that came before they could be taken. */
  #early: Signal[] = [];
  /** What this device sends first. */
  #wanted: { audio: boolean; video: boolean } = { audio: true, video: false };

  readonly fns = {
    start: (to: string | List<string>, type: "audio" | "video", visitId?: string): Promise<void> => {
      const recipientIds = typeof to === "string" ? [to] : [...to];
      this.#wanted = { audio: true, video: type === "video" };
      const data = { recipientIds, callType: type, ...(visitId !== undefined && { visitId }) };
      return new Promise((resolve, fail) =>
        this.engine.call("call:initiate", data, {
          fail,
          done: (started) => {
            const sends = { ...this.#wanted, screen: false };
            const me = this.engine.me ?? "";
            const own = { userId: me, clientId: this.engine.clientId, state: "joined", ...sends };
            const others = recipientIds.map((userId) => ({ userId, state: "ringing", ...SILENT }));
            this.#take({
              ...started,
              ...data,
              callerId: me,
              participants: [own, ...others] as CallParticipant[],
            });
            resolve();
          },
        }),
      );
    },
    joinVisit: (visitId: string): Promise<void> => this.#join({ visitId }),
    accept: (): Promise<void> => {
      const call = this.#call;
      if (!call) return Promise.resolve();
      this.#wanted = { audio: true, video: call.callType === "video" };
      return new Promise((resolve, fail) =>
        this.engine.call("call:accept", { callId: call.callId }, {
          fail,
          done: () => {
            this.#move(call.callId, this.engine.me ?? "", this.engine.clientId);
            resolve();
          },
        }),
      );
    },
    reject: (reason?: string): void => {
      const call = this.#call;
      if (!call) return;
      this.engine.call("call:reject", { callId: call.callId, ...(reason && { reason }) }, {});
      this.#clear();
    },
    hangUp: (forAll = false): void => {
      const call = this.#call;
      if (!call) return;
      // Nobody is left to talk to in a call that only rings.
      const all = forAll || this.#phase === "outgoing";
      this.engine.call(all ? "call:end" : "call:leave", { callId: call.callId }, {});
      this.#clear();
    },
    takeOver: (): Promise<void> => {
      const call = this.#call;
      return call ? this.#join({ callId: call.callId }) : Promise.resolve();
    },
    setMedia: async (media: Parameters<Calling["setMedia"]>[0]): Promise<void> => {
      await this.#talk?.setMedia(media);
    },
  };

  #join(which: { callId: string } | { visitId: string }): Promise<void> {
    return new Promise((resolve, fail) =>
      this.engine.call("call:join", which, {
        fail,
        done: ({ call }) => {
          this.#wanted = { audio: true, video: call.callType === "video" };
          this.#take(call);
          resolve();
        },
      }),
    );
  }

  #build(): Calling {
    const self: Calling["self"] = this.#talk?.self ?? SILENT;
    const phase = this.#phase;
    if (phase === "none" || !this.#call) {
      return { self, phase: "none", ...(this.#ended && { ended: this.#ended }), ...this.fns };
    }
    const callerName = this.#callerName;
    return {
      self,
      phase,
      call: this.#call,
      ...(callerName !== undefined && { callerName }),
      peers: this.#others().map((one) => this.#peer(one)),
      ...this.fns,
    };
  }

  /** Where the user stands in the call, on this device. */
  get #phase(): Phase {
    const call = this.#call;
    const own = call?.participants.find((one) => one.userId === this.engine.me);
    if (!call || !own || isOver(call)) return "none";
    if (own.state === "ringing") return "incoming";
    if (own.state !== "joined") return "none";
    if (own.clientId !== this.engine.clientId) return "elsewhere";
    return call.state === "ringing" && call.callerId === own.userId ? "outgoing" : "active";
  }

  #others(): CallParticipant[] {
    const all = this.#call?.participants ?? [];
    return all.filter((one) => one.userId !== this.engine.me && one.state === "joined");
  }

  #peer({ userId, audio, video, screen }: CallParticipant): Peer {
    const media: Media = { audio, video, screen };
    const link = this.#talk?.peer(userId);
    if (link?.stream) media.stream = link.stream;
    const issue = this.#issues.get(userId)?.metric;
    const quality = issue !== undefined && link?.quality !== "lost" ? "poor" : (link?.quality ?? "unknown");
    return { userId, quality, ...media, ...(issue !== undefined && { issue }) };
  }

  protected start(): void {}
  protected stop(): void {}

  protected drop(): void {
    this.#forget();
  }

  #forget(): void {
    this.#talk?.close();
    this.#talk = undefined;
    this.#call = undefined;
    this.#callerName = undefined;
    this.#early = [];
    for (const { timer } of this.#issues.values()) clearTimeout(timer);
    this.#issues.clear();
  }

  #clear(ended?: Ended): void {
    this.#forget();
    this.#ended = ended;
    this.changed();
  }

  #take(call: Call): void {
    if (isOver(call)) {
      if (this.#call?.callId === call.callId) this.#clear(endOf(call));
      return;
    }
    if (this.#call && this.#call.callId !== call.callId) this.#forget();
    this.#call = call;
    this.#ended = undefined;
    this.#sync();
    this.changed();
  }

  /** Somebody is in the call, with this device. */
  #move(callId: string, userId: string, clientId: string | undefined): void {
    const call = this.#call;
    if (call?.callId !== callId) return;
    const active = withMember(call, userId, { state: "joined", ...(clientId !== undefined && { clientId }) });
    this.#take({ ...active, state: userId === call.callerId ? call.state : "active" });
  }

  /** Pictures and voices follow who is there. */
  #sync(): void {
    const phase = this.#phase;
    if (phase !== "active" && phase !== "outgoing") {
      this.#talk?.close();
      this.#talk = undefined;
      return;
    }
    if (this.#talk) this.#talk.setPeers(this.#others());
    else if (!this.#loading) void this.#load();
  }

  async #load(): Promise<void> {
    this.#loading = true;
    try {
      const { Talk } = await import("./talk.js");
      const call = this.#call;
      const phase = this.#phase;
      if (!call || this.#talk || (phase !== "active" && phase !== "outgoing")) return;
      const { callId } = call;
      const talk = (this.#talk = new Talk({
        me: this.engine.me ?? "",
        config: this.engine.rtc,
        changed: () => this.changed(),
        signal: (recipientId, signalType, signal) =>
          this.engine.call("call:signal", { callId, recipientId, signalType, signal }, {}),
        media: (media) => this.engine.call("call:media", { callId, ...media }, {}),
        quality: (measured) => this.engine.call("call:quality", { callId, ...measured }, {}),
      }));
      talk.setPeers(this.#others());
      for (const signal of this.#early.splice(0)) talk.receive(signal);
      await talk.begin(this.#wanted);
    } finally {
      this.#loading = false;
      // Another call may have begun meanwhile.
      if (!this.#talk && this.#phase !== "none") this.#sync();
    }
  }

  override event(event: WireEvent): void {
    const { me } = this.engine;
    switch (event.type) {
      case "connected":
        return this.#restore(event.data.calls);
      case "call:incoming": {
        const { callerName, ...call } = event.data;
        if (this.#phase !== "none" && this.#call?.callId !== call.callId) return;
        this.#take(call);
        this.#callerName = callerName;
        return this.changed();
      }
      case "call:accepted":
      case "call:participantJoined": {
        const { callId, userId, clientId } = event.data;
        if (this.#call?.callId === callId) this.#move(callId, userId, clientId);
        else if (userId === me && !this.#call && clientId !== this.engine.clientId) this.#lookUp();
        return;
      }
      case "call:participantLeft":
        if (event.data.userId === me) return this.#over(event.data.callId);
        return this.#change(event.data.callId, event.data.userId, { state: "left" });
      case "call:rejected":
        if (event.data.userId === me) return this.#over(event.data.callId);
        return this.#change(event.data.callId, event.data.userId, { state: "rejected" });
      case "call:media": {
        const { callId, userId, audio, video, screen } = event.data;
        return this.#change(callId, userId, { audio, video, screen });
      }
      case "call:ended":
        return this.#over(event.data.callId, event.data);
      case "call:missed":
        return this.#over(event.data.callId, { callId: event.data.callId, reason: "timeout", durationMs: 0 });
      case "call:qualityIssue":
        return this.#worsen(event.data.callId, event.data.userId, event.data.metric);
      case "call:signal":
        if (event.data.callId !== this.#call?.callId) return;
        if (this.#talk) this.#talk.receive(event.data);
        else this.#early.push(event.data);
    }
  }

  override local(local: Local): void {
    if (local.type === "callResumed") {
      this.#take(local.call);
      this.#talk?.resume(local.rejoined);
    } else if (local.type === "callLost" && local.callId === this.#call?.callId) {
      if (local.call) this.#take(local.call);
      else this.#clear();
    }
  }

  /** What the server says on a new connection. A call of this device the core looks after. */
  #restore(calls: List<Call>): void {
    const phase = this.#phase;
    const known = this.#call;
    if (known && (phase === "active" || phase === "outgoing")) return;
    const { me } = this.engine;
    const concerned = (state: string) =>
      calls.find((call) => !isOver(call) && call.participants.some((one) => one.userId === me && one.state === state));
    const call = concerned("joined") ?? concerned("ringing");
    if (call) this.#take(call);
    else if (known) this.#clear();
  }

  /** Another device of the user is in a call that this one knows nothing of. */
  #lookUp(): void {
    this.ask("call:history", { limit: 1 }, ({ calls }) => {
      const [newest] = calls;
      if (newest && !this.#call && !isOver(newest)) this.#take(newest);
    });
  }

  #change(callId: string, userId: string, what: Partial<CallParticipant>): void {
    if (this.#call?.callId !== callId) return;
    this.#take(withMember(this.#call, userId, what));
  }

  #over(callId: string, ended?: Ended): void {
    if (this.#call?.callId !== callId) return;
    const told = ended && { callId, reason: ended.reason, durationMs: ended.durationMs };
    this.#clear(told);
  }

  #worsen(callId: string, userId: string, metric: string): void {
    if (this.#call?.callId !== callId) return;
    clearTimeout(this.#issues.get(userId)?.timer);
    const timer = setTimeout(() => {
      this.#issues.delete(userId);
      this.changed();
    }, ISSUE_FOR);
    this.#issues.set(userId, { metric, timer });
    this.changed();
  }
}

function endOf({ callId, state, endReason, startedAt, endedAt }: Call): Ended {
  const durationMs = startedAt && endedAt ? Date.parse(endedAt) - Date.parse(startedAt) : 0;
  return { callId, reason: endReason ?? (state === "ended" ? "hangup" : state), durationMs };
}

export function callsEntry(engine: Engine): CallsEntry {
  return engine.shared("calls", (engine, key) => new CallsEntry(engine, key));
}
