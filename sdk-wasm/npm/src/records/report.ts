// A report in the making.

import type { ReportSnapshot, RoomJoinReply } from "../protocol.js";
import type { Engine } from "../engine.js";
import type { WireEvent } from "../types.js";
import type { Report, ReportView } from "../views.js";
import { Store } from "../live.js";
import { RoomEntry } from "../rooms/room.js";

export class ReportEntry extends RoomEntry {
  readonly report = new Store<ReportView>(this, () => ({
    ...this.loaded(),
    ...(this.#report && { report: this.#report }),
    ...this.reportFns,
  }));
  #report: Report | undefined;

  constructor(
    engine: Engine,
    key: string,
    readonly reportId: string,
  ) {
    super(engine, key, `report:${reportId}`);
    this.add({
      load: ({ snapshot }: RoomJoinReply) => {
        this.#report = snapshot?.report && after(undefined, snapshot.report);
      },
      event: (event) => this.#event(event),
      drop: () => {
        this.#report = undefined;
      },
    });
  }

  readonly reportFns = {
    cancel: async (): Promise<void> => {
      await this.engine.request("report:cancel", { reportId: this.reportId });
    },
    refresh: async (): Promise<void> => {
      await this.engine.request("report:refresh", { reportId: this.reportId });
    },
  };

  #event(event: WireEvent): void {
    if (!/^report:(status|completed|failed)$/.test(event.type)) return;
    this.#report = after(this.#report, event as ReportSnapshot);
    this.report.changed();
  }
}

/** Where a report stands after something was told of it. */
function after(report: Report | undefined, { type, data }: ReportSnapshot): Report | undefined {
  const { reportId } = data;
  const progress = report?.progress ?? 0;
  switch (type) {
    case "report:status": {
      const { status, progress, message } = data;
      return { reportId, status, progress, ...(message !== undefined && { message }) };
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

export function reportEntry(engine: Engine, reportId: string): ReportEntry {
  return engine.shared(`room:report:${reportId}`, (engine, key) => new ReportEntry(engine, key, reportId));
}
