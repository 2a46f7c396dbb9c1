lsm/file_open
; quickstart.yaml:16: - hook: file_open
     0: r6 = r1
     1: call rf_scratch_claim
     2: if r0 != 0x0 goto +0x19 <scratch>
     3: r9 = 0x0
     4: r1 = 0x0
     5: r2 = -0x1
     6: call rf_fail_closed
     7: if r9 != 0x0 goto +0x1 <kept.1>
     8: r9 = r0
kept.1:
     9: r0 = r9
    10: r0 <<= 0x20
    11: r0 s>>= 0x20
    12: if r0 s> 0x0 goto +0x2 <clamp.2>
    13: if r0 s< -0xfff goto +0x1 <clamp.2>
    14: exit
clamp.2:
    15: r0 = -0x1
    16: exit
release:
    17: r9 = *(u64 *)(r7 + 0xa8)
    18: r1 = r7
    19: call rf_scratch_release
    20: r0 = r9
    21: r0 <<= 0x20
    22: r0 s>>= 0x20
    23: if r0 s> 0x0 goto +0x2 <clamp.3>
    24: if r0 s< -0xfff goto +0x1 <clamp.3>
    25: exit
clamp.3:
    26: r0 = -0x1
    27: exit
scratch:
    28: r7 = r0
    29: *(u64 *)(r7 + 0xa8) = 0x0
    30: *(u64 *)(r7 + 0xa0) = 0x0
    31: *(u32 *)(r7 + 0x10) = 0x7d68b606
    32: r1 = r7
    33: call rf_process_current
    34: r8 = r0
    35: r1 = *(u32 *)(r8 + 0x28)
    36: if r1 & 0x1 goto -0x14 <release>
    37: r1 = *(u64 *)(r6 + 0x0)
    38: *(u64 *)(r7 + 0x20) = r1
; quickstart.yaml:24: - matchArgs:
    39: *(u64 *)(r7 + 0xb0) = 0x0
; quickstart.yaml:32: - operator: NotIn
    40: r1 = *(u32 *)(r8 + 0x28)
    41: if r1 & 0x10 goto +0x2f <unreadable.7>
    42: if r1 & 0x40 goto +0x9 <next.8>
    43: r2 = *(u32 *)(r8 + 0x2c)
; quickstart.yaml:34: - /usr/bin/cat
    44: if r2 != 0xc goto +0x7 <next.8>
    45: r4 = *(u64 *)(r8 + 0x40)
    46: r5 = 0x6e69622f7273752f ll
    48: if r4 != r5 goto +0x3 <next.8>
    49: r4 = *(u32 *)(r8 + 0x48)
    50: if w4 != 0x7461632f goto +0x1 <next.8>
; quickstart.yaml:32: - operator: NotIn
    51: goto +0x29 <selector.6>
next.8:
; quickstart.yaml:25: - index: 0
    52: r1 = r7
    53: r2 = 0x0
    54: r3 = 0x0
    55: call rf_read_file
    56: r9 = r7
    57: r9 += 0x9f0
    58: if r0 != 0x0 goto +0x20 <unreadable.12>
    59: r4 = *(u32 *)(r9 + 0x0)
    60: if r4 & 0x2 goto +0x20 <selector.6>
    61: r2 = *(u32 *)(r9 + 0x8)
    62: r4 = *(u32 *)(r9 + 0x4)
    63: if r4 > 0x1000 goto +0x1b <unreadable.12>
    64: r3 = r9
    65: r3 += r4
; quickstart.yaml:28: - /srv/ringfence-demo/secret
    66: if r2 != 0x1a goto +0x1a <selector.6>
    67: r4 = *(u64 *)(r3 + 0x30)
    68: r5 = 0x6e69722f7672732f ll
    70: if r4 != r5 goto +0x16 <selector.6>
    71: r4 = *(u64 *)(r3 + 0x38)
    72: r5 = 0x642d65636e656667 ll
    74: if r4 != r5 goto +0x12 <selector.6>
    75: r4 = *(u64 *)(r3 + 0x40)
    76: r5 = 0x726365732f6f6d65 ll
    78: if r4 != r5 goto +0xe <selector.6>
    79: r4 = *(u16 *)(r3 + 0x48)
    80: if w4 != 0x7465 goto +0xc <selector.6>
next.13:
; quickstart.yaml:38: - action: Sigkill
    81: r9 = 0x300000000 ll
    83: *(u64 *)(r10 - 0x8) = -0x1
    84: r1 = *(u64 *)(r7 + 0xb0)
    85: if r1 == 0x0 goto +0x8 <act.5>
    86: r9 = 0x1000300000000 ll
    88: goto +0x5 <act.5>
unreadable.7:
; quickstart.yaml:32: - operator: NotIn
    89: *(u64 *)(r7 + 0xb0) = 0x1
    90: goto -0x27 <next.8>
unreadable.12:
; quickstart.yaml:25: - index: 0
    91: *(u64 *)(r7 + 0xb0) = 0x1
    92: goto -0xc <next.13>
selector.6:
; quickstart.yaml:16: - hook: file_open
    93: goto +0x15 <policy.4>
act.5:
    94: r1 = r7
    95: r2 = r8
    96: r3 = 0x0
    97: r4 = r9
    98: r5 = *(u64 *)(r10 - 0x8)
    99: call rf_match
   100: r1 = *(u64 *)(r7 + 0xa8)
   101: if r1 != 0x0 goto +0x1 <kept.16>
   102: *(u64 *)(r7 + 0xa8) = r0
kept.16:
   103: r1 = *(u32 *)(r7 + 0x8)
   104: if r1 == 0x0 goto +0xa <policy.4>
   105: r1 = r7
   106: r2 = 0x0
   107: r3 = 0x0
   108: call rf_read_file
   109: r1 = r7
   110: r2 = 0x0
   111: r3 = 0x0
   112: call rf_tell_path
   113: r1 = r7
   114: call rf_tell_end
policy.4:
   115: r9 = *(u64 *)(r7 + 0xa8)
   116: r1 = r7
   117: call rf_scratch_release
   118: r0 = r9
   119: r0 <<= 0x20
   120: r0 s>>= 0x20
   121: if r0 s> 0x0 goto +0x2 <clamp.17>
   122: if r0 s< -0xfff goto +0x1 <clamp.17>
   123: exit
clamp.17:
   124: r0 = -0x1
   125: exit

