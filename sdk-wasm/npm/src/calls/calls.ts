// The user's call: who rings, who is in it, and on which device.

import type { Call, CallParticipant } from "../protocol.js";
import type { Engine } from "../engine.js";
import type { Door, Part } from "../late.js";
import type { Local } from "../core/boundary.js";
import type { List, WireEvent } from "../types.js";
import type { Calling, Media, Peer } from "../views.js";
import { given } from "../live.js";
import { clearTimeout, now, setTimeout } from "../core/runtime.js";
import { isOver, withMember, type Ended } from "./state.js";
import { Talk } from "./talk.js";

/** How long an issue counts that is not told again. */
const ISSUE_FOR = 15_000;

type Phase = Calling["phase"];

const SILENT: Calling["self"] = { audio: false, video: false, screen: false };

type Action = "start" | "joinVisit" | "accept" | "reject" | "hangUp" | "takeOver" | "setMedia";

export class Calls implements Part {
  #door: Door<Calling>;
  #call: Call | undefined;
  #callerName: string | undefined;
  #ended: Ended | undefined;
  #issues = new Map<string, { metric: string; timer: number }>();
  /** Pictures and voices, while this device is in a call. */
  #talk: Talk | undefined;
  /** What this device sends first. */
  #wanted: { audio: boolean; video: boolean } = { audio: true, video: false };

  constructor(door: Door<Calling>) {
    this.#door = door;
  }

  get #engine(): Engine {
    return this.#door.engine;
  }

  #changed(): void {
    this.#door.changed();
  }

  readonly fns: Pick<Calling, Action> = {
    start: (to, type, visitId) => this.#start(to, type, visitId),
    joinVisit: (visitId) => this.#join({ visitId }),
    accept: () => this.#accept(),
    reject: (reason) => this.#reject(reason),
    hangUp: (forAll) => this.#hangUp(forAll),
    takeOver: async () => {
      const call = this.#call;
      if (call) await this.#join({ callId: call.callId });
    },
    setMedia: async (media) => {
      await this.#talk?.setMedia(media);
    },
  };

  #start(to: string | List<string>, type: "audio" | "video", visitId?: string): Promise<void> {
    const recipientIds = typeof to === "string" ? [to] : [...to];
    const data = { recipientIds, callType: type, ...given({ visitId }) };
    return new Promise((resolve, fail) =>
      this.#engine.call("call:initiate", data, {
        fail,
        done: (started) => {
          this.#want(data);
          const { me = "", clientId } = this.#engine;
          const own = { userId: me, clientId, state: "joined", ...this.#wanted, screen: false };
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
  }

  #accept(): Promise<void> {
    const call = this.#call;
    if (!call) return Promise.resolve();
    const { callId } = call;
    this.#want(call);
    return new Promise((resolve, fail) =>
      this.#engine.call(
        "call:accept",
        { callId },
        {
          fail,
          done: () => {
            this.#move(callId, this.#engine.me ?? "", this.#engine.clientId);
            resolve();
          },
        },
      ),
    );
  }

  #reject(reason?: string): void {
    const call = this.#call;
    if (!call) return;
    this.#engine.call("call:reject", { callId: call.callId, ...(reason && { reason }) }, {});
    this.#clear();
  }

  #hangUp(forAll = false): void {
    const call = this.#call;
    if (!call) return;
    // Nobody is left to talk to in a call that only rings.
    const all = forAll || this.#phase === "outgoing";
    this.#engine.call(all ? "call:end" : "call:leave", { callId: call.callId }, {});
    this.#clear(endOf({ ...call, endReason: "hangup", endedAt: new Date(now()).toISOString() }));
  }

  /** Enters a call with this device. */
  #join(which: { callId: string } | { visitId: string }): Promise<void> {
    const known = this.#call;
    const isKnown = "callId" in which ? known?.callId === which.callId : known?.visitId === which.visitId;
    if (known && isKnown) this.#want(known);
    return new Promise((resolve, fail) =>
      this.#engine.call("call:join", which, {
        fail,
        done: ({ call }) => {
          this.#want(call);
          this.#take(call);
          resolve();
        },
      }),
    );
  }

  /** What this device is to send in a call. Said before the server is asked: its event may come before its reply. */
  #want({ callType }: Pick<Call, "callType">): void {
    this.#wanted = { audio: true, video: callType === "video" };
  }

  /** What the view shows besides its functions. */
  view(): Pick<Calling, "self"> &
    (
      | { phase: "none"; ended?: Ended }
      | { phase: Exclude<Phase, "none">; call: Call; callerName?: string; peers: List<Peer> }
    ) {
    const self = this.#talk?.self ?? SILENT;
    const phase = this.#phase;
    if (phase === "none" || !this.#call)
      return { self, phase: "none", ...(this.#ended && { ended: this.#ended }) };
    const callerName = this.#callerName;
    return {
      self,
      phase,
      call: this.#call,
      ...given({ callerName }),
      peers: this.#others().map((one) => this.#peer(one)),
    };
  }

  /** Where the user stands in the call, on this device. */
  get #phase(): Phase {
    const call = this.#call;
    const own = call?.participants.find((one) => one.userId === this.#engine.me);
    if (!call || !own || isOver(call)) return "none";
    if (own.state === "ringing") return "incoming";
    if (own.state !== "joined") return "none";
    if (own.clientId !== this.#engine.clientId) return "elsewhere";
    return call.state === "ringing" && call.callerId === own.userId ? "outgoing" : "active";
  }

  #others(): CallParticipant[] {
    const all = this.#call?.participants ?? [];
    return all.filter((one) => one.userId !== this.#engine.me && one.state === "joined");
  }

  #peer({ userId, audio, video, screen }: CallParticipant): Peer {
    const media: Media = { audio, video, screen };
    const link = this.#talk?.peer(userId);
    if (link?.stream) media.stream = link.stream;
    const issue = this.#issues.get(userId)?.metric;
    const quality = issue !== undefined && link?.quality !== "lost" ? "poor" : (link?.quality ?? "unknown");
    return { userId, quality, ...media, ...given({ issue }) };
  }

  /** The client is closed. */
  drop(): void {
    this.#forget();
    this.#ended = undefined;
  }

  #forget(): void {
    this.#talk?.close();
    this.#talk = undefined;
    this.#call = undefined;
    this.#callerName = undefined;
    for (const { timer } of this.#issues.values()) clearTimeout(timer);
    this.#issues.clear();
  }

  #clear(ended?: Ended): void {
    this.#forget();
    this.#ended = ended;
    this.#changed();
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
    this.#changed();
  }

  /** Somebody is in the call, with this device. */
  #move(callId: string, userId: string, clientId: string | undefined): void {
    const call = this.#call;
    if (call?.callId !== callId) return;
    const next = withMember(call, userId, { state: "joined", ...given({ clientId }) });
    const startedAt = call.startedAt ?? new Date(now()).toISOString();
    this.#take(userId === call.callerId ? next : { ...next, state: "active", startedAt });
  }

  /** Pictures and voices follow who is there. */
  #sync(): void {
    const phase = this.#phase;
    const call = this.#call;
    if (!call || (phase !== "active" && phase !== "outgoing")) {
      this.#talk?.close();
      this.#talk = undefined;
      return;
    }
    const talk = (this.#talk ??= this.#begin(call));
    talk.setPeers(this.#others());
  }

  #begin({ callId }: Call): Talk {
    const engine = this.#engine;
    const talk = new Talk({
      me: engine.me ?? "",
      config: engine.rtc,
      changed: () => this.#changed(),
      signal: (recipientId, signalType, signal) =>
        engine.call("call:signal", { callId, recipientId, signalType, signal }, {}),
      media: (media) => engine.call("call:media", { callId, ...media }, {}),
      quality: (measured) => engine.call("call:quality", { callId, ...measured }, {}),
    });
    void talk.setMedia(this.#wanted);
    return talk;
  }

  event(event: WireEvent): void {
    const { me } = this.#engine;
    switch (event.type) {
      case "connected":
        return this.#restore(event.data.calls);
      case "call:incoming": {
        const { callerName, ...call } = event.data;
        if (this.#phase !== "none" && this.#call?.callId !== call.callId) return;
        this.#take(call);
        this.#callerName = callerName;
        return this.#changed();
      }
      case "call:accepted":
      case "call:participantJoined": {
        const { callId, userId, clientId } = event.data;
        if (this.#call?.callId === callId) this.#move(callId, userId, clientId);
        else if (userId === me && !this.#call && clientId !== this.#engine.clientId) this.#lookUp();
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
        if (event.data.callId === this.#call?.callId) this.#talk?.receive(event.data);
    }
  }

  local(local: Local): void {
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
    const { me } = this.#engine;
    const concerned = (state: string) =>
      calls.find(
        (call) => !isOver(call) && call.participants.some((one) => one.userId === me && one.state === state),
      );
    const call = concerned("joined") ?? concerned("ringing");
    if (call) this.#take(call);
    else if (known) this.#clear();
  }

  /** Another device of the user is in a call that this one knows nothing of. */
  #lookUp(): void {
    this.#engine.ask("call:history", { limit: 1 }, ({ calls }) => {
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
      this.#changed();
    }, ISSUE_FOR);
    this.#issues.set(userId, { metric, timer });
    this.#changed();
  }
}

function endOf({ callId, state, endReason, startedAt, endedAt }: Call): Ended {
  const durationMs = startedAt && endedAt ? Math.max(0, Date.parse(endedAt) - Date.parse(startedAt)) : 0;
  return { callId, reason: endReason ?? (state === "ended" ? "hangup" : state), durationMs };
}
