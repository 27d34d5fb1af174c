// A made-up camera and microphone for machines that have none, so that everybody can try a call.

let ready: Promise<void> | undefined;

/** Puts a drawn picture and silence in the place of devices that are not there. */
export function ensureCamera(): Promise<void> {
  ready ??= replaceMissing();
  return ready;
}

async function replaceMissing(): Promise<void> {
  const { mediaDevices } = navigator;
  if (!mediaDevices) return;
  const kinds = new Set((await mediaDevices.enumerateDevices()).map((device) => device.kind));
  const real = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (wanted = {}) => {
    if (wanted.video && !kinds.has("videoinput")) return drawn();
    if (wanted.audio && !kinds.has("audioinput")) return silence();
    return real(wanted);
  };
}

function silence(): MediaStream {
  const audio = new AudioContext();
  return audio.createMediaStreamDestination().stream;
}

function drawn(): MediaStream {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const picture = canvas.getContext("2d");
  const stream = canvas.captureStream(10);
  const hue = Math.random() * 360;
  const [track] = stream.getVideoTracks();
  const timer = setInterval(() => {
    if (track?.readyState === "ended") clearInterval(timer);
    if (picture) draw(picture, hue, Date.now() / 1000);
  }, 100);
  return stream;
}

function draw(picture: CanvasRenderingContext2D, hue: number, seconds: number): void {
  const { width, height } = picture.canvas;
  picture.fillStyle = `hsl(${hue + seconds} 45% 32%)`;
  picture.fillRect(0, 0, width, height);
  picture.fillStyle = "#fffc";
  picture.beginPath();
  picture.arc(width / 2, height / 2 - 24 + Math.sin(seconds) * 4, 38, 0, 2 * Math.PI);
  picture.ellipse(width / 2, height + 10, 80, 84, 0, 0, 2 * Math.PI);
  picture.fill();
}
