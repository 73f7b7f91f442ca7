import { singular } from './words.ts';

const nicknames: ReadonlyMap<string, string> = new Map(
  (
    'james:jim,jimmy,jamie william:bill,billy,will,willie robert:bob,bobby,rob,robbie richard:dick,rick,ricky,rich ' +
    'thomas:tom,tommy john:jack,johnny,jon edward:ed,eddie,ted,teddy charles:charlie,chuck joseph:joe,joey ' +
    'michael:mike,mick,micky,mickey david:dave,davy daniel:dan,danny samuel:sam,sammy benjamin:ben,benny ' +
    'anthony:tony antony:tony andrew:andy,drew matthew:matt christopher:chris nicholas:nick stephen:steve steven:steve ' +
    'kenneth:ken,kenny ronald:ron,ronnie donald:don,donnie gerald:gerry,jerry lawrence:larry laurence:larry ' +
    'frederick:fred,freddie,freddy vincent:vince,vinnie dominic:dom gregory:greg philip:phil phillip:phil peter:pete ' +
    'raymond:ray leonard:len,lenny,leo timothy:tim douglas:doug geoffrey:geoff jeffrey:jeff alexander:alex ' +
    'albert:al,bert alfred:alf,alfie harold:harry,hal henry:harry,hank arthur:art abraham:abe theodore:ted,teddy,theo ' +
    'walter:walt elizabeth:liz,beth,betty,lizzie,eliza margaret:maggie,meg,peggy,marge katherine:kate,kathy,katie ' +
    'catherine:kate,cathy,katie susan:sue,susie patricia:pat,patty,tricia barbara:barb,barbie deborah:debbie,deb ' +
    'jennifer:jenny,jen victoria:vicky,vicki rebecca:becky jacqueline:jackie virginia:ginny dorothy:dot,dolly ' +
    'patrick:pat,paddy francis:frank,frankie franklin:frank martin:marty nathaniel:nat,nate solomon:sol'
  )
    .split(' ')
    .flatMap((entry) => {
      const [name, short] = entry.split(':') as [string, string];
      return short.split(',').map((one) => [`${one}|${name}`, name] as const);
    }),
);

/** Is one of two lower-case given names the usual short form of the other? */
export function isNickname(a: string, b: string): boolean {
  return nicknames.has(`${a}|${b}`) || nicknames.has(`${b}|${a}`);
}

const inflection =
  /^(?:|a|e|es|s|y|ies|an|ian|ans|ians|ine|ines|n|ns|ish|ese|ic|ics|ical|al|ist|ists|er|ers|or|ors|ing|ed|d|r|ly|ion|ions|um|us|i)$/;

/** How two words differ that mean the same: not at all, in inflection, by one slip of spelling; null when they do not. */
export type Difference = '' | 'inflection' | 'spelling';

/**
 * Do two folded words mean the same but for inflection ('Argentina', 'Argentine') or one slip of spelling? Numbers are
 * equal or not.
 */
export function sameWord(a: string, b: string): Difference | null {
  if (a === b) return '';
  if (a.startsWith('#') || b.startsWith('#')) return null;
  if (singular(a) === singular(b)) return 'inflection';
  const shorter = Math.min(a.length, b.length);
  if (shorter < 4) return null;
  let shared = 0;
  while (shared < shorter && a[shared] === b[shared]) shared++;
  if (shared >= 5 && inflection.test(a.slice(shared)) && inflection.test(b.slice(shared)))
    return 'inflection';
  return shared > 0 && shorter >= 6 && oneSlip(a, b, shared) ? 'spelling' : null;
}

/** One letter inserted, left out, replaced or two swapped; `shared` letters from the start are equal. */
function oneSlip(a: string, b: string, shared: number): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  const long = a.length >= b.length ? a : b;
  const short = a.length >= b.length ? b : a;
  if (long.length > short.length) return long.slice(shared + 1) === short.slice(shared);
  if (long.slice(shared + 1) === short.slice(shared + 1)) return true;
  return (
    long[shared] === short[shared + 1] &&
    long[shared + 1] === short[shared] &&
    long.slice(shared + 2) === short.slice(shared + 2)
  );
}
