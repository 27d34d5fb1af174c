// What this device sends: microphone, and camera or screen.

import type { Calling, Media } from "../views.js";

const PROBLEMS: Record<string, NonNullable<Calling["self"]["problem"]>> = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "in_use",
  AbortError: "in_use",
};

export class OwnMedia {
  #changed: () => void;
  #state: Calling["self"] = { audio: false, video: false, screen: false };
  #audio: MediaStreamTrack | undefined;
  /** The camera or the screen. */
  #video: MediaStreamTrack | undefined;
  #deviceId: string | undefined;
  #closed = false;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get state(): Calling["self"] {
    return this.#state;
  }

  /** What every link sends now. */
  get tracks(): { audio: MediaStreamTrack | undefined; video: MediaStreamTrack | undefined } {
    return { audio: this.#audio, video: this.#video };
  }

  async set(wanted: Partial<Omit<Media, "stream">> & { deviceId?: string }): Promise<void> {
    const { audio = this.#state.audio, deviceId } = wanted;
    const screen = wanted.screen ?? (wanted.video ? false : this.#state.screen);
    const video = wanted.video ?? (wanted.screen ? false : this.#state.video);
    let problem: Calling["self"]["problem"];
    const trying = async (open: () => Promise<void>) => {
      try {
        await open();
      } catch (error) {
        problem = PROBLEMS[(error as Error).name] ?? "missing";
      }
    };
    const other = deviceId !== undefined && deviceId !== this.#deviceId;
    if (other) this.#deviceId = deviceId;

    if (audio && !this.#audio) {
      await trying(async () => void (this.#audio = await open("audio")));
    }
    if (this.#audio) this.#audio.enabled = audio;

    if (screen && !this.#state.screen) {
      await trying(async () => this.#show(await openScreen(), () => void this.set({ screen: false })));
    } else if (video && (other || !this.#state.video)) {
      await trying(async () => this.#show(await open("video", this.#deviceId)));
    } else if (!screen && !video) {
      this.#show(undefined);
    }
    if (this.#closed) return this.close();
    this.#settle(audio, video, screen, problem);
  }

  #settle(audio: boolean, video: boolean, screen: boolean, problem: Calling["self"]["problem"]): void {
    const tracks = [this.#audio, this.#video].filter((track) => track !== undefined);
    this.#state = {
      ...(tracks.length > 0 && { stream: new MediaStream(tracks) }),
      audio: audio && this.#audio !== undefined,
      video: video && this.#video !== undefined,
      screen: screen && this.#video !== undefined,
      ...(problem && { problem }),
    };
    this.#changed();
  }

  #show(track: MediaStreamTrack | undefined, ended?: () => void): void {
    this.#video?.stop();
    this.#video = track;
    if (track && ended) track.addEventListener("ended", ended);
  }

  /** Turns the lights off. */
  close(): void {
    this.#closed = true;
    this.#audio?.stop();
    this.#video?.stop();
    this.#audio = this.#video = undefined;
  }
}

async function open(kind: "audio" | "video", deviceId?: string): Promise<MediaStreamTrack> {
  const constraint = deviceId === undefined ? true : { deviceId: { ideal: deviceId } };
  const stream = await devices().getUserMedia({ [kind]: constraint });
  return first(stream);
}

async function openScreen(): Promise<MediaStreamTrack> {
  return first(await devices().getDisplayMedia({ video: true }));
}

function devices(): MediaDevices {
  // A page that is not served over TLS has none.
  if (!navigator.mediaDevices) throw new DOMException("No media devices", "NotFoundError");
  return navigator.mediaDevices;
}

function first(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getTracks();
  if (!track) throw new DOMException("No track", "NotFoundError");
  return track;
}
