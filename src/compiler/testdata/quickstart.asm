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
    41: if r1 & 0x10 goto +0x2e <unreadable.7>
    42: r2 = *(u32 *)(r8 + 0x2c)
; quickstart.yaml:34: - /usr/bin/cat
    43: if r2 != 0xc goto +0x7 <next.8>
    44: r4 = *(u64 *)(r8 + 0x40)
    45: r5 = 0x6e69622f7273752f ll
    47: if r4 != r5 goto +0x3 <next.8>
    48: r4 = *(u32 *)(r8 + 0x48)
    49: if w4 != 0x7461632f goto +0x1 <next.8>
; quickstart.yaml:32: - operator: NotIn
    50: goto +0x29 <selector.6>
next.8:
; quickstart.yaml:25: - index: 0
    51: r1 = r7
    52: r2 = 0x0
    53: r3 = 0x0
    54: call rf_read_file
    55: r9 = r7
    56: r9 += 0x9f0
    57: if r0 != 0x0 goto +0x20 <unreadable.12>
    58: r4 = *(u32 *)(r9 + 0x0)
    59: if r4 & 0x2 goto +0x20 <selector.6>
    60: r2 = *(u32 *)(r9 + 0x8)
    61: r4 = *(u32 *)(r9 + 0x4)
    62: if r4 > 0x1000 goto +0x1b <unreadable.12>
    63: r3 = r9
    64: r3 += r4
; quickstart.yaml:28: - /srv/ringfence-demo/secret
    65: if r2 != 0x1a goto +0x1a <selector.6>
    66: r4 = *(u64 *)(r3 + 0x30)
    67: r5 = 0x6e69722f7672732f ll
    69: if r4 != r5 goto +0x16 <selector.6>
    70: r4 = *(u64 *)(r3 + 0x38)
    71: r5 = 0x642d65636e656667 ll
    73: if r4 != r5 goto +0x12 <selector.6>
    74: r4 = *(u64 *)(r3 + 0x40)
    75: r5 = 0x726365732f6f6d65 ll
    77: if r4 != r5 goto +0xe <selector.6>
    78: r4 = *(u16 *)(r3 + 0x48)
    79: if w4 != 0x7465 goto +0xc <selector.6>
next.13:
; quickstart.yaml:38: - action: Sigkill
    80: r9 = 0x300000000 ll
    82: *(u64 *)(r10 - 0x8) = -0x1
    83: r1 = *(u64 *)(r7 + 0xb0)
    84: if r1 == 0x0 goto +0x8 <act.5>
    85: r9 = 0x1000300000000 ll
    87: goto +0x5 <act.5>
unreadable.7:
; quickstart.yaml:32: - operator: NotIn
    88: *(u64 *)(r7 + 0xb0) = 0x1
    89: goto -0x27 <next.8>
unreadable.12:
; quickstart.yaml:25: - index: 0
    90: *(u64 *)(r7 + 0xb0) = 0x1
    91: goto -0xc <next.13>
selector.6:
; quickstart.yaml:16: - hook: file_open
    92: goto +0x15 <policy.4>
act.5:
    93: r1 = r7
    94: r2 = r8
    95: r3 = 0x0
    96: r4 = r9
    97: r5 = *(u64 *)(r10 - 0x8)
    98: call rf_match
    99: r1 = *(u64 *)(r7 + 0xa8)
   100: if r1 != 0x0 goto +0x1 <kept.16>
   101: *(u64 *)(r7 + 0xa8) = r0
kept.16:
   102: r1 = *(u32 *)(r7 + 0x8)
   103: if r1 == 0x0 goto +0xa <policy.4>
   104: r1 = r7
   105: r2 = 0x0
   106: r3 = 0x0
   107: call rf_read_file
   108: r1 = r7
   109: r2 = 0x0
   110: r3 = 0x0
   111: call rf_tell_path
   112: r1 = r7
   113: call rf_tell_end
policy.4:
   114: r9 = *(u64 *)(r7 + 0xa8)
   115: r1 = r7
   116: call rf_scratch_release
   117: r0 = r9
   118: r0 <<= 0x20
   119: r0 s>>= 0x20
   120: if r0 s> 0x0 goto +0x2 <clamp.17>
   121: if r0 s< -0xfff goto +0x1 <clamp.17>
   122: exit
clamp.17:
   123: r0 = -0x1
   124: exit

