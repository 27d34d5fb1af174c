import { useCall } from "carewire/react";
import { Icon } from "../ui/Icon";

/** What one sends, and the way out. */
export function Controls() {
  const self = useCall((call) => call.self);
  const { setMedia, hangUp } = useCall();
  const set = (media: Parameters<typeof setMedia>[0]) => setMedia(media).catch(reportError);
  return (
    <div className="controls" role="group" aria-label="Call">
      <button aria-pressed={self.audio} onClick={() => set({ audio: !self.audio })}>
        <Icon name="mic" /> {self.audio ? "Mute" : "Unmute"}
      </button>
      <button aria-pressed={self.video} onClick={() => set({ video: !self.video })}>
        <Icon name="visit" /> {self.video ? "Video off" : "Video on"}
      </button>
      <button aria-pressed={self.screen} onClick={() => set({ screen: !self.screen })}>
        <Icon name="screen" /> {self.screen ? "Stop sharing" : "Share screen"}
      </button>
      <button className="danger" onClick={() => hangUp()}>
        <Icon name="hangup" /> Hang up
      </button>
    </div>
  );
}
