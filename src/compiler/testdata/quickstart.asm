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
    17: r9 = *(u64 *)(r7 + 0xa0)
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
    29: *(u64 *)(r7 + 0xa0) = 0x0
    30: *(u64 *)(r7 + 0x98) = 0x0
    31: r1 = r7
    32: call rf_process_current
    33: r8 = r0
    34: r1 = *(u32 *)(r8 + 0x28)
    35: if r1 & 0x1 goto -0x13 <release>
    36: r1 = *(u64 *)(r6 + 0x0)
    37: *(u64 *)(r7 + 0x18) = r1
; quickstart.yaml:24: - matchArgs:
    38: *(u64 *)(r7 + 0xa8) = 0x0
; quickstart.yaml:32: - operator: NotIn
    39: r1 = *(u32 *)(r8 + 0x28)
    40: if r1 & 0x10 goto +0x2e <unreadable.7>
    41: r2 = *(u32 *)(r8 + 0x2c)
; quickstart.yaml:34: - /usr/bin/cat
    42: if r2 != 0xc goto +0x7 <next.8>
    43: r4 = *(u64 *)(r8 + 0x40)
    44: r5 = 0x6e69622f7273752f ll
    46: if r4 != r5 goto +0x3 <next.8>
    47: r4 = *(u32 *)(r8 + 0x48)
    48: if w4 != 0x7461632f goto +0x1 <next.8>
; quickstart.yaml:32: - operator: NotIn
    49: goto +0x29 <selector.6>
next.8:
; quickstart.yaml:25: - index: 0
    50: r1 = r7
    51: r2 = 0x0
    52: r3 = 0x0
    53: call rf_read_file
    54: r9 = r7
    55: r9 += 0x948
    56: if r0 != 0x0 goto +0x20 <unreadable.12>
    57: r4 = *(u32 *)(r9 + 0x0)
    58: if r4 & 0x2 goto +0x20 <selector.6>
    59: r2 = *(u32 *)(r9 + 0x8)
    60: r4 = *(u32 *)(r9 + 0x4)
    61: if r4 > 0x1000 goto +0x1b <unreadable.12>
    62: r3 = r9
    63: r3 += r4
; quickstart.yaml:28: - /srv/ringfence-demo/secret
    64: if r2 != 0x1a goto +0x1a <selector.6>
    65: r4 = *(u64 *)(r3 + 0x28)
    66: r5 = 0x6e69722f7672732f ll
    68: if r4 != r5 goto +0x16 <selector.6>
    69: r4 = *(u64 *)(r3 + 0x30)
    70: r5 = 0x642d65636e656667 ll
    72: if r4 != r5 goto +0x12 <selector.6>
    73: r4 = *(u64 *)(r3 + 0x38)
    74: r5 = 0x726365732f6f6d65 ll
    76: if r4 != r5 goto +0xe <selector.6>
    77: r4 = *(u16 *)(r3 + 0x40)
    78: if w4 != 0x7465 goto +0xc <selector.6>
next.13:
; quickstart.yaml:37: - action: Sigkill
    79: r9 = 0x300000000 ll
    81: *(u64 *)(r10 - 0x8) = -0x1
    82: r1 = *(u64 *)(r7 + 0xa8)
    83: if r1 == 0x0 goto +0x8 <act.5>
    84: r9 = 0x1000300000000 ll
    86: goto +0x5 <act.5>
unreadable.7:
; quickstart.yaml:32: - operator: NotIn
    87: *(u64 *)(r7 + 0xa8) = 0x1
    88: goto -0x27 <next.8>
unreadable.12:
; quickstart.yaml:25: - index: 0
    89: *(u64 *)(r7 + 0xa8) = 0x1
    90: goto -0xc <next.13>
selector.6:
; quickstart.yaml:16: - hook: file_open
    91: goto +0x15 <policy.4>
act.5:
    92: r1 = r7
    93: r2 = r8
    94: r3 = 0x0
    95: r4 = r9
    96: r5 = *(u64 *)(r10 - 0x8)
    97: call rf_match
    98: r1 = *(u64 *)(r7 + 0xa0)
    99: if r1 != 0x0 goto +0x1 <kept.16>
   100: *(u64 *)(r7 + 0xa0) = r0
kept.16:
   101: r1 = *(u32 *)(r7 + 0x8)
   102: if r1 == 0x0 goto +0xa <policy.4>
   103: r1 = r7
   104: r2 = 0x0
   105: r3 = 0x0
   106: call rf_read_file
   107: r1 = r7
   108: r2 = 0x0
   109: r3 = 0x0
   110: call rf_tell_path
   111: r1 = r7
   112: call rf_tell_end
policy.4:
   113: r9 = *(u64 *)(r7 + 0xa0)
   114: r1 = r7
   115: call rf_scratch_release
   116: r0 = r9
   117: r0 <<= 0x20
   118: r0 s>>= 0x20
   119: if r0 s> 0x0 goto +0x2 <clamp.17>
   120: if r0 s< -0xfff goto +0x1 <clamp.17>
   121: exit
clamp.17:
   122: r0 = -0x1
   123: exit

