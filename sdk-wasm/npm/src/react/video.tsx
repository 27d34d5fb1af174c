// The picture of somebody in the call.

import { useCallback, type JSX } from "react";
import type { Calling } from "../views.js";
import { useCall } from "./hooks.js";

/** The picture and voice of another one in the call; without `of` one's own picture, muted. */
export function CallVideo(props: { of?: string; className?: string; label?: string }): JSX.Element {
  const { of: userId, className, label } = props;
  const stream = useCall((call) => streamOf(call, userId));
  const show = useCallback(
    (element: HTMLVideoElement | null) => {
      if (element && element.srcObject !== (stream ?? null)) element.srcObject = stream ?? null;
    },
    [stream],
  );
  return (
    <video
      ref={show}
      className={className}
      aria-label={label ?? userId ?? "Your own picture"}
      autoPlay
      playsInline
      muted={userId === undefined}
    />
  );
}

function streamOf(call: Calling, userId: string | undefined): MediaStream | undefined {
  if (userId === undefined) return call.self.stream;
  return call.phase === "none" ? undefined : call.peers.find((peer) => peer.userId === userId)?.stream;
}
