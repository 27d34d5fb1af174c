import type { Off } from "carewire";
import { useCarewire } from "carewire/react";
import { unplug } from "carewire/testing";
import { useEffect, useRef, useState } from "react";
import { Icon } from "../ui/Icon";

/** Pulls the plug, so that one can watch the queue fill and heal. */
export function NetworkSwitch() {
  const client = useCarewire();
  const [plugged, setPlugged] = useState(true);
  const plugIn = useRef<Off>(undefined);
  useEffect(() => () => plugIn.current?.(), []);
  const toggle = () => {
    if (plugged) {
      plugIn.current = unplug(client);
    } else {
      plugIn.current?.();
      plugIn.current = undefined;
    }
    setPlugged(!plugged);
  };
  return (
    <button className="switch" role="switch" aria-checked={plugged} onClick={toggle}>
      <Icon name="plug" />
      <span className="label">Network</span>
      <span className="knob" aria-hidden="true" />
    </button>
  );
}
