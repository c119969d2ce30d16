// Files to a report: archives are opened, sides taken, and what is no result is put aside.
import { complete, engine, isComplete } from "./engine.js";

// Long lists travel in slices of so many entries: one message of all rows would freeze the page.
const SLICE = { rows: 120, findings: 500, exclusions: 2000, presence: 2000, inputs: 200 };

// Files with their sides, as the command line takes them: a folder or an archive is one, unless it is all there is; then
// its files are the sides. Two of one name are counted.
export function withSides(files) {
  const given = new Set(files.map((file) => file.group ?? file));
  const seen = {};
  const names = new Map();
  for (const group of given) {
    if (!group.path) continue;
    seen[group.path] = (seen[group.path] ?? 0) + 1;
    names.set(group, seen[group.path] > 1 ? `${group.path} (${seen[group.path]})` : group.path);
  }
  return files.map((file) => ({ ...file, side: file.side ?? (given.size > 1 ? names.get(file.group) ?? null : null) }));
}

// How a file begins, as far as it tells of an archive: what gzip packed tells it later.
const beginning = ({ bytes }) => bytes.slice(0, new Uint8Array(bytes, 0, Math.min(1, bytes.byteLength))[0] === 0x1f ? 1 << 16 : 512);

// Files with the members of archives in place of these, what is wrong with some, and what is no file in them. Only the
// whole engine opens any.
async function openArchives(files) {
  const out = { files: [], problems: [], aside: [] };
  const fresh = isComplete() ? files.filter((file) => !file.opened) : [];
  const packed = fresh.length ? await engine.call("packed", { heads: fresh.map(beginning) }) : [];
  const archives = new Set(fresh.filter((_, i) => packed[i]));
  let used = files.reduce((sum, file) => sum + (file.unpacked ? file.bytes.byteLength : 0), 0);
  for (const file of files) {
    if (!archives.has(file)) {
      out.files.push(file);
      continue;
    }
    const copy = file.bytes.slice(0);
    const { files: members, problems, aside } = await engine.call("open", { name: file.name, bytes: copy, used }, [copy]);
    // A file that was packed alone keeps its name and is no group.
    const alone = members.length === 1 && members[0].name === file.name;
    const group = file.group ?? (alone ? null : { path: file.name });
    for (const { name, bytes } of members) {
      used += bytes.byteLength;
      out.files.push({ name, side: file.side, group, bytes: bytes.buffer, opened: true, unpacked: true });
    }
    out.problems.push(...problems);
    out.aside.push(...aside.map(({ name, why }) => ({ name, group, why: `aside.${why}` })));
  }
  return out;
}

// The bytes are copied, since they go over to the worker.
function analyzeBy(files, config) {
  const copies = withSides(files).map(({ name, side, group, bytes }) => ({ name, side, member: Boolean(group), bytes: bytes.slice(0) }));
  return engine.call("analyze", { files: copies, config }, copies.map((file) => file.bytes));
}

// Judges files; `{ report, marks, isWhole, files, problems, aside }`. What the small engine leaves out goes to the whole
// one. `files` are those that the report has as inputs; `problems` are of archives; `aside` is what lies in folders and
// archives and is no result.
export async function judge(given, config) {
  let opened = await openArchives(given);
  let made = await analyzeBy(opened.files, config);
  if (!made.isWhole && await complete()) {
    opened = await openArchives(given);
    made = await analyzeBy(opened.files, config);
  }
  const { head: report, lengths, marks, isWhole, foreign } = made;
  for (const [name, length] of Object.entries(lengths)) {
    for (let from = 0; from < length; from += SLICE[name]) report[name].push(...await engine.call("slice", { name, from, to: from + SLICE[name] }));
  }
  // Who asked once knows what they are.
  if (isComplete()) for (const file of opened.files) file.opened = true;
  const files = opened.files.filter((_, i) => !foreign[i]);
  const aside = opened.files.map(({ name, group }, i) => ({ name, group, why: `error.${foreign[i]}` })).filter((_, i) => foreign[i]);
  return { report, marks, isWhole, files, problems: opened.problems, aside: [...opened.aside, ...aside] };
}
