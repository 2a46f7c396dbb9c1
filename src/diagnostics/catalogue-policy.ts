/** RF1xxx: what is wrong with a policy file. RF10xx its YAML, RF11xx its form, RF12xx and up what it asks for. */
import type { Entry } from './catalogue.ts';

export const policyCatalogue = {
  RF1001: {
    severity: 'error',
    message: 'the file is larger than {limit} bytes',
    hint: 'split it into several files',
  },
  RF1002: {
    severity: 'error',
    message: 'the file has more than {limit} documents',
    hint: 'split it into several files',
  },
  RF1003: {
    severity: 'error',
    message: 'values are nested more than {limit} deep',
    hint: 'a policy nests about 12 deep: look for a bracket that is not closed',
  },
  RF1004: {
    severity: 'error',
    message: 'the document has more than {values} values, or is more than {depth} deep, once its aliases are expanded',
    hint: 'write fewer values or aliases, or split the policy',
  },
  RF1005: {
    severity: 'error',
    message: 'this is not YAML: {reason}',
    hint: 'look at this line and the one before: indentation, brackets, quotes, colons',
  },
  RF1006: { severity: 'error', message: 'a tab is used as indentation', hint: 'indent with spaces' },
  RF1007: {
    severity: 'error',
    message: 'the indentation is wrong: {reason}',
    hint: 'keys of one mapping, and items of one list, start in the same column',
  },
  RF1008: {
    severity: 'error',
    message: 'the key {key} is there twice; the first is in line {line}',
    hint: 'keep one, or merge their values',
  },
  RF1009: {
    severity: 'error',
    message: 'the alias *{name} refers to nothing',
    hint: 'define it before it is used, with &{name}, in the same document',
  },
  RF1010: {
    severity: 'error',
    message: 'the alias *{name} would contain itself',
    hint: 'write the value out',
  },
  RF1011: { severity: 'error', message: 'a key must be a text', hint: 'write "key: value"' },
  RF1012: {
    severity: 'error',
    message: 'the tag {tag} is not known here, or its value does not fit it',
    hint: 'leave the tag out; quote the value if it is a text',
  },
  RF1013: {
    severity: 'error',
    message: 'merge keys (<<) are not read',
    hint: 'repeat the fields, or use an alias for the whole value',
  },
  RF1014: {
    severity: 'error',
    message: '{text} means different things to different readers of YAML: to Kubernetes it is {meaning}',
    hint: 'quote it if the text "{text}" is meant; else write true, false or the decimal number',
  },
  RF1015: {
    severity: 'error',
    message: 'the text has half of a surrogate pair, which no encoding can carry',
    hint: 'write the character itself, or \\U with its eight digits',
  },
  RF1016: {
    severity: 'error',
    message: 'there is no policy in the file',
    hint: 'a policy starts with "apiVersion: cilium.io/v1alpha1" and "kind: TracingPolicy"',
  },
  RF1017: {
    severity: 'error',
    message: 'there are more diagnostics than the {shown} that are shown',
    hint: 'correct those first',
  },
  RF1018: {
    severity: 'error',
    message: 'the file has more than {limit} words and signs',
    hint: 'split it into several files',
  },

  RF1101: {
    severity: 'error',
    message: 'the kind {kind} is not a policy',
    hint: '{advice}',
  },
  RF1102: {
    severity: 'error',
    message: 'the apiVersion {version} is not known',
    hint: 'write "apiVersion: cilium.io/v1alpha1"',
  },
  RF1103: { severity: 'error', message: 'the field {field} is missing', hint: 'add "{field}:" here' },
  RF1104: { severity: 'error', message: 'the field {field} is not known here', hint: '{advice}' },
  RF1105: { severity: 'error', message: 'this must be {expected}, but it is {found}', hint: '{advice}' },
  RF1106: { severity: 'error', message: '{value} is not a known value of {field}', hint: '{advice}' },
  RF1107: { severity: 'error', message: '{value} is out of range', hint: 'it must be {bound}' },
  RF1108: {
    severity: 'error',
    message: '{field} has {count} entries, more than {limit}',
    hint: 'split the policy, or leave some out',
  },
  RF1109: {
    severity: 'error',
    message: '{field} has no value',
    hint: 'give it one, or remove the key: what an empty key means differs between readers',
  },
  RF1110: {
    severity: 'error',
    message: '{value} is not a valid name for a {what}',
    hint: 'use lower-case letters, digits, "-" and ".", starting and ending with a letter or digit, {limit} at most',
  },
  RF1111: {
    severity: 'warning',
    message: 'a TracingPolicy applies to the whole cluster: its namespace is not used',
    hint: 'remove it, or use the kind TracingPolicyNamespaced',
  },
  RF1112: {
    severity: 'error',
    message: 'hostSelector takes no labels',
    hint: 'write "hostSelector: {}" for host processes',
  },
  RF1113: {
    severity: 'error',
    message: 'a TracingPolicyNamespaced cannot have a hostSelector',
    hint: 'host processes are in no namespace: use the kind TracingPolicy',
  },
  RF1114: {
    severity: 'error',
    message: 'the policy {name} is there twice; the first is {first}',
    hint: 'give each policy its own name',
  },
  RF1115: { severity: 'error', message: '{field} is empty', hint: 'write its value' },

  RF1201: {
    severity: 'error',
    message: 'a policy has hooks of one kind, and this one has {first} and {second}',
    hint: 'make one policy of each',
  },
  RF1202: {
    severity: 'error',
    message: 'the policy has no hook',
    hint: 'add one under spec.lsmhooks, spec.kprobes or spec.tracepoints',
  },
  RF1203: { severity: 'error', message: 'not supported yet: {what}', hint: '{instead}' },
  RF1204: { severity: 'error', message: 'there is no option {option}', hint: '{advice}' },
  RF1205: { severity: 'error', message: '{value} is not a value of {name}', hint: 'it takes {allowed}' },
  RF1206: {
    severity: 'error',
    message: 'there is no annotation {annotation}',
    hint: 'of ringfence.io there are {known}',
  },
  RF1207: {
    severity: 'error',
    message: 'a {what} has at least {limit} characters',
    hint: 'write a longer one, or leave it out',
  },
  RF1208: {
    severity: 'warning',
    message: 'a {what} has at most {limit} characters: the rest is cut off',
    hint: 'write a shorter one',
  },
  RF1209: {
    severity: 'error',
    message: '{name} is not the name of an LSM hook',
    hint: 'write it as the kernel does, without bpf_lsm_ and security_, such as file_open',
  },
  RF1210: { severity: 'error', message: 'the option {option} is there twice', hint: 'keep one' },
  RF1211: {
    severity: 'error',
    message: '{call} is not the name of a system call, and syscall is true unless it says otherwise',
    hint: 'for a function of the kernel write "syscall: false"; system calls are named as in sys_openat, __x64_sys_openat',
  },
  RF1212: {
    severity: 'error',
    message: '{name} is not the name of a function of the kernel',
    hint: 'write it as /proc/kallsyms does, without its module, such as tcp_connect',
  },
  RF1213: {
    severity: 'error',
    message: '{name} is not a part of the name of a tracepoint',
    hint: 'write the two parts as the folders under /sys/kernel/tracing/events are called: subsystem and event',
  },
  RF1214: {
    severity: 'error',
    message: '{call} names a system call, and "syscall: false" reads arguments as those of a function',
    hint: 'remove "syscall: false": the function that enters a system call has one argument, the saved registers',
  },
  RF1215: {
    severity: 'error',
    message: 'return is true, and there is no returnArg',
    hint: 'add one that says the type of what is returned: "returnArg: { index: 0, type: int }"',
  },
  RF1216: {
    severity: 'warning',
    message: 'returnArg is not used, as return is not true',
    hint: 'add "return: true", or remove it',
  },
  RF1217: {
    severity: 'error',
    message: '{field} is about what the call returns, and this hook does not wait for it',
    hint: '{advice}',
  },
  RF1220: { severity: 'error', message: 'there is no list {name}', hint: '{advice}' },
  RF1221: {
    severity: 'error',
    message: 'the list {name} is there twice; the first is in line {line}',
    hint: 'merge them, or give one another name',
  },
  RF1222: { severity: 'error', message: 'the list {name} is empty', hint: 'list at least one name under "values:"' },
  RF1223: {
    severity: 'warning',
    message: 'nothing refers to the list {name}',
    hint: 'write "list:{name}" where it is meant, or remove it',
  },
  RF1224: {
    severity: 'error',
    message: '{value} is not the name of a system call',
    hint: 'write it as in sys_openat, __x64_sys_openat, __ia32_sys_openat or i386/sys_openat',
  },
  RF1225: {
    severity: 'error',
    message: 'the list {name} is not one of system calls',
    hint: 'write "type: syscalls" in the list',
  },

  RF1301: {
    severity: 'error',
    message: 'the index of {what} is never {index}',
    hint: 'it counts from 0, and sizeArgIndex from 1; the last that there can be is {last}',
  },
  RF1302: {
    severity: 'error',
    message: 'no argument with {reference} is declared in args',
    hint: 'declared: {declared}; "index" is the index of the argument of the hook, "args" the position in the list',
  },
  RF1303: {
    severity: 'error',
    message: '{operator} tests one argument, and args names {count}',
    hint: 'write one matchArgs entry for each argument',
  },
  RF1304: {
    severity: 'error',
    message: '{operator} does not fit the type {type}',
    hint: '{type} can be tested with {operators}',
  },
  RF1305: { severity: 'error', message: '{operator} needs values', hint: 'list at least one under "values:"' },
  RF1306: {
    severity: 'error',
    message: '{value} is not a number',
    hint: 'write it in decimal, with 0x in base 16, or with 0 in base 8',
  },
  RF1307: {
    severity: 'error',
    message: '{value} does not fit the type {type}',
    hint: '{type} holds {minimum} to {maximum}',
  },
  RF1308: {
    severity: 'error',
    message: '{value} can never match: {reason}',
    hint: '{advice}',
  },
  RF1309: {
    severity: 'error',
    message: 'the value has {bytes} bytes, and {operator} takes {limit} at most',
    hint: 'shorten it; a path in the kernel has 4096 bytes at most',
  },
  RF1310: {
    severity: 'error',
    message: 'the value contains a NUL character',
    hint: 'names in the kernel end at NUL: remove it',
  },
  RF1311: {
    severity: 'warning',
    message: 'the value {value} is there twice; the first is in line {line}',
    hint: 'remove one',
  },
  RF1312: {
    severity: 'error',
    message: 'the value is empty',
    hint: 'no path is empty, and every text starts and ends with nothing: write what is meant',
  },
  RF1313: {
    severity: 'error',
    message: '{value} can never match: the kernel gives paths without {part}',
    hint: 'write the path as "realpath" prints it',
  },
  RF1314: {
    severity: 'error',
    message: 'the type of the argument is auto, and {value} is neither a number nor an absolute path',
    hint: 'declare the type of the argument in args',
  },
  RF1315: {
    severity: 'error',
    message: '{value} is not an absolute path, so no process has it as its binary',
    hint: 'write the whole path of the executable, as "realpath" prints it',
  },
  RF1316: {
    severity: 'error',
    message: '{value} and the first value are of two kinds, such as a number and a path',
    hint: 'declare the type of the argument in args, and list values of one kind: numbers, paths, or lists',
  },
  RF1317: { severity: 'warning', message: '{value} never matches: {reason}', hint: '{advice}' },
  RF1319: {
    severity: 'error',
    message: '{value} is not a range',
    hint: 'write the least and the greatest number that belong to it: "1024:65535"',
  },
  RF1320: {
    severity: 'error',
    message: 'nothing is in the range {value}: it ends before it starts',
    hint: 'write the lesser number first',
  },
  RF1321: {
    severity: 'error',
    message: '{operator} takes decimal numbers, and {value} is not one',
    hint: 'write it in base 10, without zeros before it',
  },
  RF1322: {
    severity: 'error',
    message: 'a list of system calls is tested on an argument of type syscall64, and this is of type {type}',
    hint: 'declare it as "type: syscall64": the number alone means another call in a 32-bit program',
  },
  RF1323: {
    severity: 'error',
    message: '{value} is neither an IP address nor a network',
    hint: 'write it as in 10.0.0.0/8, 192.0.2.1, fc00::/7 or ::1; replace placeholders before the policy is loaded',
  },
  RF1324: {
    severity: 'warning',
    message: '{value} has bits behind its prefix: the network {network} is matched',
    hint: 'write the address of the network, or a longer prefix',
  },
  RF1325: { severity: 'error', message: '{value} names no {what}', hint: '{advice}' },
  RF1326: {
    severity: 'error',
    message: '{operator} takes no values',
    hint: 'remove them: it is about ports below 1024',
  },
  RF1327: {
    severity: 'error',
    message: 'the type of {what} must be declared',
    hint: 'write "type:" with what it is: the kernel tells the types of LSM hooks and tracepoints alone',
  },
  RF1328: {
    severity: 'error',
    message: '{what} is never of the type {type}',
    hint: 'only the tracepoints raw_syscalls/sys_enter and raw_syscalls/sys_exit pass it',
  },
  RF1329: {
    severity: 'error',
    message: 'char_buf needs the number of bytes, and there is no sizeArgIndex',
    hint: 'write which argument holds it, counting from 1; for a text that ends with NUL use the type string',
  },
  RF1330: {
    severity: 'warning',
    message: 'sizeArgIndex is not used: the type {type} has a size of its own',
    hint: 'remove it',
  },
  RF1331: {
    severity: 'error',
    message: '{index} is the index of the argument at position {first} of args, and the position of another',
    hint: 'write which is meant by its position in args: "args: [{first}]" or "args: [{second}]"',
  },
  RF1332: {
    severity: 'error',
    message: 'followChildren does not go with {operator}',
    hint: 'use In or NotIn, with whole paths',
  },
  RF1341: {
    severity: 'error',
    message: '{key} can not be the key of a label',
    hint: 'up to 63 letters, digits, "-", "_" and ".", beginning and ending with a letter or digit; before them, if at all, a domain and "/"',
  },
  RF1342: {
    severity: 'error',
    message: '{value} can not be a value of {key}',
    hint: 'a label has up to 63 letters, digits, "-", "_" and "."; a container its name in the pod; an image its repository without tag',
  },
  RF1343: { severity: 'error', message: '{operator} takes no values', hint: 'leave them out, or use In or NotIn' },
  RF1344: { severity: 'error', message: 'a container has no {key}', hint: '{advice}' },

  RF1401: {
    severity: 'warning',
    message: '{field} has no meaning for the action {action}, and is not used',
    hint: 'remove it: {action} takes {fields}',
  },
  RF1402: {
    severity: 'error',
    message: 'Override needs an argError from -4095 to -1, and this is {value}',
    hint: 'write "argError: -1" (EPERM) or "argError: -13" (EACCES)',
  },
  RF1403: { severity: 'error', message: 'the action {action} is there twice', hint: 'keep one' },
  RF1404: {
    severity: 'error',
    message: 'nothing can be overridden {reason}',
    hint: 'use Override in the matchActions of a hook under lsmhooks or kprobes',
  },
  RF1405: {
    severity: 'error',
    message: 'Signal needs an argSig from 1 to {limit}, and this is {value}',
    hint: 'write the number of the signal, such as "argSig: 19" (SIGSTOP)',
  },

  RF1501: {
    severity: 'warning',
    message: 'this selector is never reached: the one in line {line} matches all that it does',
    hint: 'the first selector that matches wins: put this one before it, or remove it',
  },
  RF1502: {
    severity: 'warning',
    message: 'this selector never matches: this filter and the others of the same argument leave no value',
    hint: 'filters of one selector must all match: put alternatives into one filter, or into selectors of their own',
  },
  RF1503: {
    severity: 'warning',
    message: '{action} without any filter stops every process that reaches {hook}',
    hint: 'say which, with matchArgs or matchBinaries; or start with the option policy-mode: monitor',
  },
  RF1504: {
    severity: 'warning',
    message: 'this decides by the name of the file: a hard link, bind mount or rename gives the file another',
    hint: 'add the annotation ringfence.io/file-identity: inode to match the file itself too',
  },
  RF1505: {
    severity: 'warning',
    message: 'this decides by a part of the name of the file: a hard link, bind mount or rename gives the file another',
    hint: 'inode identity cannot help with {operator}: rules on path_link, path_rename, sb_mount and move_mount narrow it; open_tree has no hook',
  },
  RF1506: {
    severity: 'warning',
    message: 'the policy has a kill budget, and kills nothing',
    hint: 'leave the annotation out, or let an action be Sigkill',
  },
} as const satisfies Record<string, Entry>;
