import { CallVideo, useCall } from "carewire/react";
import { useMe } from "../clinic/me";
import { VISIT, nameOf, partnerOf } from "../clinic/people";
import { minutes } from "../ui/format";
import { Icon } from "../ui/Icon";
import { ensureCamera } from "./camera";
import { Controls } from "./Controls";
import { Quality } from "./Quality";

const PROBLEMS = {
  denied:
    "The browser may not use your camera or microphone. Allow it beside the address, and turn them on again.",
  missing: "There is no camera or microphone here. You can listen.",
  in_use: "Another program uses your camera.",
} as const;

/** The call, from the first button to how long it was. */
export function CallStage() {
  const me = useMe();
  const partner = partnerOf(me);
  const call = useCall();
  const start = async () => {
    await ensureCamera();
    await call.start(partner.id, "video", VISIT);
  };
  switch (call.phase) {
    case "none":
      return (
        <div className="stage empty-stage">
          {call.ended && <p role="status">Call ended · {minutes(call.ended.durationMs)}</p>}
          {me.role === "staff" ? (
            <p>The visit is between Dr. Lee and Ana.</p>
          ) : (
            <button className="primary" onClick={() => start().catch(reportError)}>
              <Icon name="visit" /> Call {partner.name}
            </button>
          )}
        </div>
      );
    case "elsewhere":
      return (
        <div className="stage empty-stage">
          <p>You are in this call on another device.</p>
          <button className="primary" onClick={() => call.takeOver().catch(reportError)}>
            Continue here
          </button>
        </div>
      );
    case "incoming":
      return (
        <div className="stage empty-stage">
          <p>{call.callerName ?? nameOf(call.call.callerId)} is calling.</p>
        </div>
      );
    default:
      return (
        <div className="stage" data-phase={call.phase}>
          {call.phase === "outgoing" && <p className="calling">Calling {partner.name}…</p>}
          {call.peers.map((peer) => (
            <div key={peer.userId} className="peer">
              <CallVideo of={peer.userId} className="video" label={nameOf(peer.userId)} />
              <span className="caption">
                {nameOf(peer.userId)}
                {!peer.audio && " · muted"}
              </span>
              <Quality peer={peer} />
            </div>
          ))}
          <CallVideo className="video own" label="You" />
          {call.self.problem && <p className="problem">{PROBLEMS[call.self.problem]}</p>}
          <Controls />
        </div>
      );
  }
}
