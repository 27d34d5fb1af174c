import type { ChatMessage } from "carewire";
import { Icon, type IconName } from "../ui/Icon";

const MARKS: Record<string, [IconName, string]> = {
  queued: ["clock", "Waiting"],
  sending: ["clock", "Sending"],
  sent: ["check", "Sent"],
  delivered: ["checks", "Delivered"],
  read: ["checks", "Read"],
  failed: ["warning", "Not sent"],
};

/** How far one's own message has come. */
export function Mark({ status }: { status: ChatMessage["status"] }) {
  const [icon, word] = MARKS[status] ?? ["check", status];
  return (
    <span className="mark" data-status={status}>
      <Icon name={icon} />
      {word}
    </span>
  );
}
