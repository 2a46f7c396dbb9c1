lsm/file_permission
; workloads.yaml:9: - hook: file_permission
     0: r6 = r1
; workloads.yaml:15: - { index: 1, operator: Equal, values: ["2"] }
     1: r2 = *(u64 *)(r6 + 0x8)
     2: r2 <<= 0x20
     3: r2 s>>= 0x20
     4: if r2 != 0x2 goto +0x2 <gate.1>
     5: goto +0x0 <range.2>
range.2:
     6: goto +0x8 <open>
gate.1:
; workloads.yaml:21: - { index: 1, operator: Equal, values: ["4"] }
     7: r2 = *(u64 *)(r6 + 0x8)
     8: r2 <<= 0x20
     9: r2 s>>= 0x20
    10: if r2 != 0x4 goto +0x2 <gate.3>
    11: goto +0x0 <range.4>
range.4:
    12: goto +0x2 <open>
gate.3:
; workloads.yaml:9: - hook: file_permission
    13: r0 = 0x0
    14: exit
open:
    15: call rf_workload_scopes
    16: *(u64 *)(r10 - 0x18) = r0
    17: r1 = *(u64 *)(r10 - 0x18)
    18: if r1 == 0x0 goto +0x4 <concerned>
    19: r2 = *(u32 *)(r1 + 0x0)
    20: if w2 & 0x1 goto +0x2 <concerned>
    21: r0 = 0x0
    22: exit
concerned:
    23: call rf_scratch_claim
    24: if r0 != 0x0 goto +0x13 <scratch>
    25: r9 = 0x0
    26: r1 = *(u64 *)(r10 - 0x18)
    27: if r1 == 0x0 goto +0x3 <concerned.6>
    28: r2 = *(u32 *)(r1 + 0x0)
    29: if w2 & 0x1 goto +0x1 <concerned.6>
    30: goto +0x5 <kept.5>
concerned.6:
    31: r1 = 0x0
    32: r2 = -0xd
    33: call rf_fail_closed
    34: if r9 != 0x0 goto +0x1 <kept.5>
    35: r9 = r0
kept.5:
    36: r0 = r9
    37: r0 <<= 0x20
    38: r0 s>>= 0x20
    39: if r0 s> 0x0 goto +0x2 <clamp.7>
    40: if r0 s< -0xfff goto +0x1 <clamp.7>
    41: exit
clamp.7:
    42: r0 = -0x1
    43: exit
scratch:
    44: r7 = r0
    45: *(u64 *)(r7 + 0xa8) = 0x0
    46: *(u64 *)(r7 + 0xa0) = 0x0
    47: *(u32 *)(r7 + 0x10) = 0x3ef2cc2e
    48: r1 = *(u64 *)(r6 + 0x0)
    49: *(u64 *)(r7 + 0x20) = r1
    50: r1 = *(u64 *)(r6 + 0x8)
    51: *(u64 *)(r7 + 0x28) = r1
; workloads.yaml:6: podSelector:
    52: r1 = *(u64 *)(r10 - 0x18)
    53: if r1 == 0x0 goto +0x3 <scope.11>
    54: r2 = *(u32 *)(r1 + 0x0)
    55: if w2 & 0x1 goto +0x1 <scope.11>
    56: goto +0x4a <policy.9>
scope.11:
; workloads.yaml:14: - matchArgs:
    57: *(u64 *)(r7 + 0xb0) = 0x0
    58: r1 = *(u64 *)(r10 - 0x18)
    59: if r1 != 0x0 goto +0x1 <told.13>
    60: *(u64 *)(r7 + 0xb0) = 0x1
told.13:
; workloads.yaml:15: - { index: 1, operator: Equal, values: ["2"] }
    61: r2 = *(u32 *)(r7 + 0x28)
    62: r2 <<= 0x20
    63: r2 s>>= 0x20
    64: if r2 != 0x2 goto +0x9 <selector.12>
    65: goto +0x0 <next.15>
next.15:
; workloads.yaml:17: - { action: Override, argError: -13 }
    66: r9 = 0x500000000 ll
    68: *(u64 *)(r10 - 0x8) = -0xd
    69: r1 = *(u64 *)(r7 + 0xb0)
    70: if r1 == 0x0 goto +0x1c <act.10>
    71: r9 = 0x1000500000000 ll
    73: goto +0x19 <act.10>
selector.12:
; workloads.yaml:18: - matchWorkloads:
    74: *(u64 *)(r7 + 0xb0) = 0x0
    75: r1 = *(u64 *)(r10 - 0x18)
    76: if r1 != 0x0 goto +0x1 <told.18>
    77: *(u64 *)(r7 + 0xb0) = 0x1
told.18:
; workloads.yaml:21: - { index: 1, operator: Equal, values: ["4"] }
    78: r2 = *(u32 *)(r7 + 0x28)
    79: r2 <<= 0x20
    80: r2 s>>= 0x20
    81: if r2 != 0x4 goto +0x10 <selector.17>
    82: goto +0x0 <next.20>
next.20:
; workloads.yaml:19: - containerSelector: { matchLabels: { name: sidecar } }
    83: r1 = *(u64 *)(r10 - 0x18)
    84: if r1 == 0x0 goto +0xb <unreadable.22>
    85: r1 = *(u32 *)(r1 + 0x0)
    86: if w1 & 0x2 goto +0x1 <next.23>
    87: goto +0xa <selector.17>
next.23:
; workloads.yaml:18: - matchWorkloads:
    88: r9 = 0x100000001 ll
    90: *(u64 *)(r10 - 0x8) = -0x1
    91: r1 = *(u64 *)(r7 + 0xb0)
    92: if r1 == 0x0 goto +0x6 <act.10>
    93: r1 = 0x0
    94: call rf_undecided
    95: goto +0x2 <selector.17>
unreadable.22:
; workloads.yaml:19: - containerSelector: { matchLabels: { name: sidecar } }
    96: *(u64 *)(r7 + 0xb0) = 0x1
    97: goto -0xa <next.23>
selector.17:
; workloads.yaml:9: - hook: file_permission
    98: goto +0x20 <policy.9>
act.10:
    99: r1 = r7
   100: call rf_process_current
   101: r8 = r0
   102: r1 = *(u32 *)(r8 + 0x28)
   103: if r1 & 0x1 goto +0x1b <policy.9>
   104: r1 = r7
   105: r2 = r8
   106: r3 = 0x0
   107: r4 = r9
   108: r5 = *(u64 *)(r10 - 0x8)
   109: call rf_match
   110: r1 = *(u64 *)(r7 + 0xa8)
   111: if r1 != 0x0 goto +0x1 <kept.25>
   112: *(u64 *)(r7 + 0xa8) = r0
kept.25:
   113: r1 = *(u32 *)(r7 + 0x8)
   114: if r1 == 0x0 goto +0x10 <policy.9>
   115: r1 = r7
   116: r2 = 0x0
   117: r3 = 0x0
   118: call rf_read_file
   119: r1 = r7
   120: r2 = 0x0
   121: r3 = 0x0
   122: call rf_tell_path
   123: r1 = r7
   124: r2 = 0x1
   125: r3 = *(u32 *)(r7 + 0x28)
   126: r3 <<= 0x20
   127: r3 s>>= 0x20
   128: call rf_tell_integer
   129: r1 = r7
   130: call rf_tell_end
policy.9:
   131: r9 = *(u64 *)(r7 + 0xa8)
   132: r1 = r7
   133: call rf_scratch_release
   134: r0 = r9
   135: r0 <<= 0x20
   136: r0 s>>= 0x20
   137: if r0 s> 0x0 goto +0x2 <clamp.26>
   138: if r0 s< -0xfff goto +0x1 <clamp.26>
   139: exit
clamp.26:
   140: r0 = -0x1
   141: exit

