// What people write to each other: the parts of a room for it, in one file.

export { MessagesPart } from "./messages.js";
export { TypingPart } from "./typing.js";
