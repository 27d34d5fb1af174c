// The connection to one other participant: perfect negotiation, where the impolite side offers one
// voice and one picture in each direction and nothing is negotiated again when they change.

import type { CallQualityCommand, SignalType } from "../protocol.js";
import type { Peer } from "../views.js";

export interface LinkOptions {
  config: RTCConfiguration;
  clientId: string | undefined;
  polite: boolean;
  tracks(): { audio: MediaStreamTrack | undefined; video: MediaStreamTrack | undefined };
  signal(type: SignalType, signal: unknown): void;
  changed(): void;
}

type Measured = Omit<CallQualityCommand, "callId">;

export class Link {
  readonly clientId: string | undefined;
  stream?: MediaStream;
  #options: LinkOptions;
  #pc: RTCPeerConnection;
  #offering = false;
  #ignoring = false;
  #before = { lost: 0, received: 0, bytes: 0, at: 0 };

  constructor(options: LinkOptions) {
    this.#options = options;
    this.clientId = options.clientId;
    const pc = (this.#pc = new RTCPeerConnection(options.config));
    pc.onnegotiationneeded = () => void this.#offer();
    pc.onicecandidate = ({ candidate }) => {
      if (candidate) options.signal("ice_candidate", candidate.toJSON());
    };
    pc.ontrack = ({ track }) => {
      // Another object, so that whoever shows it notices.
      this.stream = new MediaStream([...(this.stream?.getTracks() ?? []), track]);
      options.changed();
    };
    pc.onconnectionstatechange = () => {
      if (pc.connectionState === "failed") pc.restartIce();
      options.changed();
    };
    if (!options.polite) {
      for (const kind of ["audio", "video"]) pc.addTransceiver(kind, { direction: "sendrecv" });
      this.update();
    }
  }

  get quality(): Peer["quality"] {
    switch (this.#pc.connectionState) {
      case "connected":
        return "good";
      case "disconnected":
      case "failed":
      case "closed":
        return "lost";
      default:
        return "unknown";
    }
  }

  /** What this device sends has changed. */
  update(): void {
    const tracks = this.#options.tracks();
    for (const { sender, receiver } of this.#pc.getTransceivers()) {
      const track = tracks[receiver.track.kind as "audio" | "video"] ?? null;
      if (sender.track !== track) void sender.replaceTrack(track).catch(() => {});
    }
  }

  async #offer(): Promise<void> {
    const pc = this.#pc;
    try {
      this.#offering = true;
      await pc.setLocalDescription();
      this.#describe();
    } catch {
      // Closed meanwhile.
    } finally {
      this.#offering = false;
    }
  }

  #describe(): void {
    const description = this.#pc.localDescription;
    if (description) this.#options.signal(description.type as SignalType, description.toJSON());
  }

  async receive(type: SignalType, signal: unknown): Promise<void> {
    const pc = this.#pc;
    if (type === "ice_candidate") {
      try {
        await pc.addIceCandidate(signal as RTCIceCandidateInit);
      } catch (error) {
        if (!this.#ignoring) throw error;
      }
      return;
    }
    const isOffer = type === "offer";
    this.#ignoring = isOffer && !this.#options.polite && (this.#offering || pc.signalingState !== "stable");
    if (this.#ignoring) return;
    await pc.setRemoteDescription(signal as RTCSessionDescriptionInit);
    if (!isOffer) return;
    for (const transceiver of pc.getTransceivers()) transceiver.direction = "sendrecv";
    this.update();
    await pc.setLocalDescription();
    this.#describe();
  }

  /** Signals may have been lost: begins anew unless it works. */
  repair(): void {
    if (this.#pc.connectionState !== "connected") this.#pc.restartIce();
  }

  /** How well it arrives, since the last time; `undefined` while nothing does. */
  async measure(): Promise<Measured | undefined> {
    if (this.#pc.connectionState !== "connected") return undefined;
    let [lost, received, bytes, jitter, roundTrip, at] = [0, 0, 0, 0, 0, 0];
    for (const stats of (await this.#pc.getStats()).values()) {
      if (stats.type === "inbound-rtp") {
        lost += stats.packetsLost ?? 0;
        received += stats.packetsReceived ?? 0;
        bytes += stats.bytesReceived ?? 0;
        jitter = Math.max(jitter, stats.jitter ?? 0);
        at = Math.max(at, stats.timestamp);
      } else if (stats.type === "candidate-pair" && stats.nominated) {
        roundTrip = Math.max(roundTrip, stats.currentRoundTripTime ?? 0);
      }
    }
    const before = this.#before;
    this.#before = { lost, received, bytes, at };
    const packets = lost - before.lost + (received - before.received);
    if (before.at === 0 || packets <= 0) return undefined;
    return {
      packetLossPct: (100 * Math.max(0, lost - before.lost)) / packets,
      jitterMs: Math.round(1000 * jitter),
      roundTripMs: Math.round(1000 * roundTrip),
      bitrateKbps: (8 * Math.max(0, bytes - before.bytes)) / Math.max(1, at - before.at),
    };
  }

  close(): void {
    const pc = this.#pc;
    pc.onnegotiationneeded = pc.onicecandidate = pc.ontrack = pc.onconnectionstatechange = null;
    pc.close();
  }
}
