// A report in the making.

import type { ReportSnapshot, RoomJoinReply } from "../protocol.js";
import type { Door, Part } from "../late.js";
import type { Loaded, Off, WireEvent } from "../types.js";
import type { Report, ReportView } from "../views.js";
import { given } from "../live.js";
import { roomEntry } from "../rooms/entries.js";
import type { RoomEntry } from "../rooms/room.js";

export class ReportPart implements Part {
  #door: Door<ReportView, string>;
  #room: RoomEntry | undefined;
  #ends: Off[] = [];
  #report: Report | undefined;
  /** The room may have been joined before. */
  #isLoaded = false;

  constructor(door: Door<ReportView, string>) {
    this.#door = door;
  }

  view() {
    return this.#report ? { report: this.#report } : {};
  }

  loaded(): Loaded | undefined {
    return this.#room?.isReady && !this.#isLoaded ? undefined : this.#room?.loaded();
  }

  start(): void {
    const room = (this.#room = roomEntry(this.#door.engine, `report:${this.#door.input}`));
    const fed = room.feed({
      load: ({ snapshot }: RoomJoinReply) => {
        this.#isLoaded = true;
        this.#report = snapshot?.report && after(undefined, snapshot.report);
      },
      event: (event) => this.#event(event),
      drop: () => this.drop(),
    });
    if (room.isReady) room.join();
    this.#ends = [fed, room.view.subscribe(() => this.#door.changed(), 0)];
  }

  stop(): void {
    for (const end of this.#ends) end();
  }

  drop(): void {
    this.#isLoaded = false;
    this.#report = undefined;
  }

  #event(event: WireEvent): void {
    if (!/^report:(status|completed|failed)$/.test(event.type)) return;
    this.#report = after(this.#report, event as ReportSnapshot);
    this.#door.changed();
  }
}

/** Where a report stands after something was told of it. */
function after(report: Report | undefined, { type, data }: ReportSnapshot): Report | undefined {
  const { reportId } = data;
  const progress = report?.progress ?? 0;
  switch (type) {
    case "report:status": {
      const { status, progress, message } = data;
      return { reportId, status, progress, ...given({ message }) };
    }
    case "report:completed": {
      const { downloadUrl, format, sizeBytes } = data;
      return { reportId, status: "completed", progress: 100, downloadUrl, format, sizeBytes };
    }
    case "report:failed":
      return { reportId, status: "error", progress, message: data.message };
    default:
      return report;
  }
}
