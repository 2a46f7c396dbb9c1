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
     6: goto +0x7 <numbers open>
gate.1:
; workloads.yaml:21: - { index: 1, operator: Equal, values: ["4"] }
     7: r2 = *(u64 *)(r6 + 0x8)
     8: r2 <<= 0x20
     9: r2 s>>= 0x20
    10: if r2 != 0x4 goto +0x2 <gate.3>
    11: goto +0x0 <range.4>
range.4:
    12: goto +0x1 <numbers open>
gate.3:
; workloads.yaml:9: - hook: file_permission
    13: goto +0xb <past>
numbers open:
    14: call rf_workload_scopes
    15: *(u64 *)(r10 - 0x18) = r0
    16: if r0 == 0x0 goto +0xc <failed>
    17: r1 = *(u64 *)(r10 - 0x18)
    18: if r1 == 0x0 goto +0x5 <workload open>
    19: r2 = *(u64 *)(r1 + 0x40)
    20: if r2 != 0x0 goto +0x3 <workload open>
    21: r2 = *(u32 *)(r1 + 0x0)
    22: if w2 & 0x1 goto +0x1 <workload open>
    23: goto +0x1 <past>
workload open:
    24: goto +0x2 <in>
past:
    25: r0 = 0x0
    26: exit
in:
    27: call rf_scratch_claim
    28: if r0 != 0x0 goto +0x15 <scratch>
failed:
    29: r9 = 0x0
    30: r1 = *(u64 *)(r10 - 0x18)
    31: if r1 == 0x0 goto +0x5 <concerned.6>
    32: r2 = *(u64 *)(r1 + 0x40)
    33: if r2 != 0x0 goto +0x3 <concerned.6>
    34: r2 = *(u32 *)(r1 + 0x0)
    35: if w2 & 0x1 goto +0x1 <concerned.6>
    36: goto +0x5 <kept.5>
concerned.6:
    37: r1 = 0x0
    38: r2 = -0xd
    39: call rf_fail_closed
    40: if r9 != 0x0 goto +0x1 <kept.5>
    41: r9 = r0
kept.5:
    42: r0 = r9
    43: r0 <<= 0x20
    44: r0 s>>= 0x20
    45: if r0 s> 0x0 goto +0x2 <clamp.7>
    46: if r0 s< -0xfff goto +0x1 <clamp.7>
    47: exit
clamp.7:
    48: r0 = -0x1
    49: exit
scratch:
    50: r7 = r0
    51: *(u64 *)(r7 + 0xa8) = 0x0
    52: *(u64 *)(r7 + 0xa0) = 0x0
    53: *(u32 *)(r7 + 0x10) = 0x3ef2cc2e
    54: r1 = *(u64 *)(r6 + 0x0)
    55: *(u64 *)(r7 + 0x20) = r1
    56: r1 = *(u64 *)(r6 + 0x8)
    57: *(u64 *)(r7 + 0x28) = r1
; workloads.yaml:6: podSelector:
    58: r1 = *(u64 *)(r10 - 0x18)
    59: if r1 == 0x0 goto +0x5 <scope.11>
    60: r2 = *(u64 *)(r1 + 0x40)
    61: if r2 != 0x0 goto +0x3 <scope.11>
    62: r2 = *(u32 *)(r1 + 0x0)
    63: if w2 & 0x1 goto +0x1 <scope.11>
    64: goto +0x4d <policy.9>
scope.11:
; workloads.yaml:14: - matchArgs:
    65: *(u64 *)(r7 + 0xb0) = 0x0
    66: r1 = *(u64 *)(r10 - 0x18)
    67: r2 = *(u64 *)(r1 + 0x40)
    68: if r2 == 0x0 goto +0x1 <told.13>
    69: *(u64 *)(r7 + 0xb0) = 0x1
told.13:
; workloads.yaml:15: - { index: 1, operator: Equal, values: ["2"] }
    70: r2 = *(u32 *)(r7 + 0x28)
    71: r2 <<= 0x20
    72: r2 s>>= 0x20
    73: if r2 != 0x2 goto +0x9 <selector.12>
    74: goto +0x0 <next.15>
next.15:
; workloads.yaml:17: - { action: Override, argError: -13 }
    75: r9 = 0x500000000 ll
    77: *(u64 *)(r10 - 0x8) = -0xd
    78: r1 = *(u64 *)(r7 + 0xb0)
    79: if r1 == 0x0 goto +0x1e <act.10>
    80: r9 = 0x1000500000000 ll
    82: goto +0x1b <act.10>
selector.12:
; workloads.yaml:18: - matchWorkloads:
    83: *(u64 *)(r7 + 0xb0) = 0x0
    84: r1 = *(u64 *)(r10 - 0x18)
    85: r2 = *(u64 *)(r1 + 0x40)
    86: if r2 == 0x0 goto +0x1 <told.18>
    87: *(u64 *)(r7 + 0xb0) = 0x1
told.18:
; workloads.yaml:21: - { index: 1, operator: Equal, values: ["4"] }
    88: r2 = *(u32 *)(r7 + 0x28)
    89: r2 <<= 0x20
    90: r2 s>>= 0x20
    91: if r2 != 0x4 goto +0x11 <selector.17>
    92: goto +0x0 <next.20>
next.20:
; workloads.yaml:19: - containerSelector: { matchLabels: { name: sidecar } }
    93: r1 = *(u64 *)(r10 - 0x18)
    94: r2 = *(u64 *)(r1 + 0x40)
    95: if r2 != 0x0 goto +0xb <unreadable.22>
    96: r1 = *(u32 *)(r1 + 0x0)
    97: if w1 & 0x2 goto +0x1 <next.23>
    98: goto +0xa <selector.17>
next.23:
; workloads.yaml:18: - matchWorkloads:
    99: r9 = 0x100000001 ll
   101: *(u64 *)(r10 - 0x8) = -0x1
   102: r1 = *(u64 *)(r7 + 0xb0)
   103: if r1 == 0x0 goto +0x6 <act.10>
   104: r1 = 0x0
   105: call rf_undecided
   106: goto +0x2 <selector.17>
unreadable.22:
; workloads.yaml:19: - containerSelector: { matchLabels: { name: sidecar } }
   107: *(u64 *)(r7 + 0xb0) = 0x1
   108: goto -0xa <next.23>
selector.17:
; workloads.yaml:9: - hook: file_permission
   109: goto +0x20 <policy.9>
act.10:
   110: r1 = r7
   111: call rf_process_current
   112: r8 = r0
   113: r1 = *(u32 *)(r8 + 0x28)
   114: if r1 & 0x1 goto +0x1b <policy.9>
   115: r1 = r7
   116: r2 = r8
   117: r3 = 0x0
   118: r4 = r9
   119: r5 = *(u64 *)(r10 - 0x8)
   120: call rf_match
   121: r1 = *(u64 *)(r7 + 0xa8)
   122: if r1 != 0x0 goto +0x1 <kept.25>
   123: *(u64 *)(r7 + 0xa8) = r0
kept.25:
   124: r1 = *(u32 *)(r7 + 0x8)
   125: if r1 == 0x0 goto +0x10 <policy.9>
   126: r1 = r7
   127: r2 = 0x0
   128: r3 = 0x0
   129: call rf_read_file
   130: r1 = r7
   131: r2 = 0x0
   132: r3 = 0x0
   133: call rf_tell_path
   134: r1 = r7
   135: r2 = 0x1
   136: r3 = *(u32 *)(r7 + 0x28)
   137: r3 <<= 0x20
   138: r3 s>>= 0x20
   139: call rf_tell_integer
   140: r1 = r7
   141: call rf_tell_end
policy.9:
   142: r9 = *(u64 *)(r7 + 0xa8)
   143: r1 = r7
   144: call rf_scratch_release
   145: r0 = r9
   146: r0 <<= 0x20
   147: r0 s>>= 0x20
   148: if r0 s> 0x0 goto +0x2 <clamp.26>
   149: if r0 s< -0xfff goto +0x1 <clamp.26>
   150: exit
clamp.26:
   151: r0 = -0x1
   152: exit

