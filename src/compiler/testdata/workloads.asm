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
    17: if r0 == 0x0 goto +0xa <failed>
    18: r1 = *(u64 *)(r10 - 0x18)
    19: if r1 == 0x0 goto +0x6 <concerned>
    20: r2 = *(u64 *)(r1 + 0x40)
    21: if r2 != 0x0 goto +0x4 <concerned>
    22: r2 = *(u32 *)(r1 + 0x0)
    23: if w2 & 0x1 goto +0x2 <concerned>
    24: r0 = 0x0
    25: exit
concerned:
    26: call rf_scratch_claim
    27: if r0 != 0x0 goto +0x15 <scratch>
failed:
    28: r9 = 0x0
    29: r1 = *(u64 *)(r10 - 0x18)
    30: if r1 == 0x0 goto +0x5 <concerned.6>
    31: r2 = *(u64 *)(r1 + 0x40)
    32: if r2 != 0x0 goto +0x3 <concerned.6>
    33: r2 = *(u32 *)(r1 + 0x0)
    34: if w2 & 0x1 goto +0x1 <concerned.6>
    35: goto +0x5 <kept.5>
concerned.6:
    36: r1 = 0x0
    37: r2 = -0xd
    38: call rf_fail_closed
    39: if r9 != 0x0 goto +0x1 <kept.5>
    40: r9 = r0
kept.5:
    41: r0 = r9
    42: r0 <<= 0x20
    43: r0 s>>= 0x20
    44: if r0 s> 0x0 goto +0x2 <clamp.7>
    45: if r0 s< -0xfff goto +0x1 <clamp.7>
    46: exit
clamp.7:
    47: r0 = -0x1
    48: exit
scratch:
    49: r7 = r0
    50: *(u64 *)(r7 + 0xa8) = 0x0
    51: *(u64 *)(r7 + 0xa0) = 0x0
    52: *(u32 *)(r7 + 0x10) = 0x3ef2cc2e
    53: r1 = *(u64 *)(r6 + 0x0)
    54: *(u64 *)(r7 + 0x20) = r1
    55: r1 = *(u64 *)(r6 + 0x8)
    56: *(u64 *)(r7 + 0x28) = r1
; workloads.yaml:6: podSelector:
    57: r1 = *(u64 *)(r10 - 0x18)
    58: if r1 == 0x0 goto +0x5 <scope.11>
    59: r2 = *(u64 *)(r1 + 0x40)
    60: if r2 != 0x0 goto +0x3 <scope.11>
    61: r2 = *(u32 *)(r1 + 0x0)
    62: if w2 & 0x1 goto +0x1 <scope.11>
    63: goto +0x4d <policy.9>
scope.11:
; workloads.yaml:14: - matchArgs:
    64: *(u64 *)(r7 + 0xb0) = 0x0
    65: r1 = *(u64 *)(r10 - 0x18)
    66: r2 = *(u64 *)(r1 + 0x40)
    67: if r2 == 0x0 goto +0x1 <told.13>
    68: *(u64 *)(r7 + 0xb0) = 0x1
told.13:
; workloads.yaml:15: - { index: 1, operator: Equal, values: ["2"] }
    69: r2 = *(u32 *)(r7 + 0x28)
    70: r2 <<= 0x20
    71: r2 s>>= 0x20
    72: if r2 != 0x2 goto +0x9 <selector.12>
    73: goto +0x0 <next.15>
next.15:
; workloads.yaml:17: - { action: Override, argError: -13 }
    74: r9 = 0x500000000 ll
    76: *(u64 *)(r10 - 0x8) = -0xd
    77: r1 = *(u64 *)(r7 + 0xb0)
    78: if r1 == 0x0 goto +0x1e <act.10>
    79: r9 = 0x1000500000000 ll
    81: goto +0x1b <act.10>
selector.12:
; workloads.yaml:18: - matchWorkloads:
    82: *(u64 *)(r7 + 0xb0) = 0x0
    83: r1 = *(u64 *)(r10 - 0x18)
    84: r2 = *(u64 *)(r1 + 0x40)
    85: if r2 == 0x0 goto +0x1 <told.18>
    86: *(u64 *)(r7 + 0xb0) = 0x1
told.18:
; workloads.yaml:21: - { index: 1, operator: Equal, values: ["4"] }
    87: r2 = *(u32 *)(r7 + 0x28)
    88: r2 <<= 0x20
    89: r2 s>>= 0x20
    90: if r2 != 0x4 goto +0x11 <selector.17>
    91: goto +0x0 <next.20>
next.20:
; workloads.yaml:19: - containerSelector: { matchLabels: { name: sidecar } }
    92: r1 = *(u64 *)(r10 - 0x18)
    93: r2 = *(u64 *)(r1 + 0x40)
    94: if r2 != 0x0 goto +0xb <unreadable.22>
    95: r1 = *(u32 *)(r1 + 0x0)
    96: if w1 & 0x2 goto +0x1 <next.23>
    97: goto +0xa <selector.17>
next.23:
; workloads.yaml:18: - matchWorkloads:
    98: r9 = 0x100000001 ll
   100: *(u64 *)(r10 - 0x8) = -0x1
   101: r1 = *(u64 *)(r7 + 0xb0)
   102: if r1 == 0x0 goto +0x6 <act.10>
   103: r1 = 0x0
   104: call rf_undecided
   105: goto +0x2 <selector.17>
unreadable.22:
; workloads.yaml:19: - containerSelector: { matchLabels: { name: sidecar } }
   106: *(u64 *)(r7 + 0xb0) = 0x1
   107: goto -0xa <next.23>
selector.17:
; workloads.yaml:9: - hook: file_permission
   108: goto +0x20 <policy.9>
act.10:
   109: r1 = r7
   110: call rf_process_current
   111: r8 = r0
   112: r1 = *(u32 *)(r8 + 0x28)
   113: if r1 & 0x1 goto +0x1b <policy.9>
   114: r1 = r7
   115: r2 = r8
   116: r3 = 0x0
   117: r4 = r9
   118: r5 = *(u64 *)(r10 - 0x8)
   119: call rf_match
   120: r1 = *(u64 *)(r7 + 0xa8)
   121: if r1 != 0x0 goto +0x1 <kept.25>
   122: *(u64 *)(r7 + 0xa8) = r0
kept.25:
   123: r1 = *(u32 *)(r7 + 0x8)
   124: if r1 == 0x0 goto +0x10 <policy.9>
   125: r1 = r7
   126: r2 = 0x0
   127: r3 = 0x0
   128: call rf_read_file
   129: r1 = r7
   130: r2 = 0x0
   131: r3 = 0x0
   132: call rf_tell_path
   133: r1 = r7
   134: r2 = 0x1
   135: r3 = *(u32 *)(r7 + 0x28)
   136: r3 <<= 0x20
   137: r3 s>>= 0x20
   138: call rf_tell_integer
   139: r1 = r7
   140: call rf_tell_end
policy.9:
   141: r9 = *(u64 *)(r7 + 0xa8)
   142: r1 = r7
   143: call rf_scratch_release
   144: r0 = r9
   145: r0 <<= 0x20
   146: r0 s>>= 0x20
   147: if r0 s> 0x0 goto +0x2 <clamp.26>
   148: if r0 s< -0xfff goto +0x1 <clamp.26>
   149: exit
clamp.26:
   150: r0 = -0x1
   151: exit

