lsm/file_open
; quickstart.yaml:16: - hook: file_open
     0: r6 = r1
     1: call rf_process_known
     2: r8 = r0
     3: if r8 == 0x0 goto +0x10 <process open>
     4: r1 = *(u32 *)(r8 + 0x28)
     5: if r1 & 0x1 goto +0xd <exempt.1>
; quickstart.yaml:32: - operator: NotIn
     6: r1 = *(u32 *)(r8 + 0x28)
     7: if r1 & 0x10 goto +0xc <process open>
     8: if r1 & 0x40 goto +0x9 <not.3>
     9: r2 = *(u32 *)(r8 + 0x2c)
; quickstart.yaml:34: - /usr/bin/cat
    10: if r2 != 0xc goto +0x7 <not.3>
    11: r4 = *(u64 *)(r8 + 0x40)
    12: r5 = 0x6e69622f7273752f ll
    14: if r4 != r5 goto +0x3 <not.3>
    15: r4 = *(u32 *)(r8 + 0x48)
    16: if w4 != 0x7461632f goto +0x1 <not.3>
; quickstart.yaml:32: - operator: NotIn
    17: goto +0x1 <exempt.1>
not.3:
; quickstart.yaml:16: - hook: file_open
    18: goto +0x1 <process open>
exempt.1:
    19: goto +0x1c <past>
process open:
    20: r1 = *(u64 *)(r6 + 0x0)
    21: r2 = r10
    22: r2 += -0x30
    23: r3 = 0x1
    24: call rf_ends_of_file
    25: if r0 != 0x0 goto +0x15 <ends open>
    26: r2 = *(u64 *)(r10 - 0x30)
    27: r4 = -0x1 ll
    29: r3 = r2
    30: r3 &= r4
; quickstart.yaml:28: - /srv/ringfence-demo/secret
    31: r5 = 0x6e69722f7672732f ll
    33: if r3 == r5 goto +0x1 <begun.8>
    34: goto +0xb <branch.6>
begun.8:
    35: r2 = *(u64 *)(r10 - 0x28)
    36: r4 = -0x1 ll
    38: r3 = *(u64 *)(r10 - 0x20)
    39: r4 &= r3
    40: r3 = r2
    41: r3 &= r4
    42: r5 = 0x7465726365732f6f ll
    44: r5 &= r4
    45: if r3 == r5 goto +0x1 <ends open>
branch.6:
; quickstart.yaml:16: - hook: file_open
    46: goto +0x1 <past>
ends open:
    47: goto +0x2 <in>
past:
    48: r0 = 0x0
    49: exit
in:
    50: call rf_scratch_claim
    51: if r0 != 0x0 goto +0x19 <scratch>
    52: r9 = 0x0
    53: r1 = 0x0
    54: r2 = -0x1
    55: call rf_fail_closed
    56: if r9 != 0x0 goto +0x1 <kept.9>
    57: r9 = r0
kept.9:
    58: r0 = r9
    59: r0 <<= 0x20
    60: r0 s>>= 0x20
    61: if r0 s> 0x0 goto +0x2 <clamp.10>
    62: if r0 s< -0xfff goto +0x1 <clamp.10>
    63: exit
clamp.10:
    64: r0 = -0x1
    65: exit
release:
    66: r9 = *(u64 *)(r7 + 0xa8)
    67: r1 = r7
    68: call rf_scratch_release
    69: r0 = r9
    70: r0 <<= 0x20
    71: r0 s>>= 0x20
    72: if r0 s> 0x0 goto +0x2 <clamp.11>
    73: if r0 s< -0xfff goto +0x1 <clamp.11>
    74: exit
clamp.11:
    75: r0 = -0x1
    76: exit
scratch:
    77: r7 = r0
    78: *(u64 *)(r7 + 0xa8) = 0x0
    79: *(u64 *)(r7 + 0xa0) = 0x0
    80: *(u32 *)(r7 + 0x10) = 0x7d68b606
    81: if r8 != 0x0 goto +0x5 <known>
    82: r1 = r7
    83: call rf_process_current
    84: r8 = r0
    85: r1 = *(u32 *)(r8 + 0x28)
    86: if r1 & 0x1 goto -0x15 <release>
known:
    87: r1 = *(u64 *)(r6 + 0x0)
    88: *(u64 *)(r7 + 0x20) = r1
; quickstart.yaml:24: - matchArgs:
    89: *(u64 *)(r7 + 0xb0) = 0x0
; quickstart.yaml:32: - operator: NotIn
    90: r1 = *(u32 *)(r8 + 0x28)
    91: if r1 & 0x10 goto +0x2f <unreadable.15>
    92: if r1 & 0x40 goto +0x9 <next.16>
    93: r2 = *(u32 *)(r8 + 0x2c)
; quickstart.yaml:34: - /usr/bin/cat
    94: if r2 != 0xc goto +0x7 <next.16>
    95: r4 = *(u64 *)(r8 + 0x40)
    96: r5 = 0x6e69622f7273752f ll
    98: if r4 != r5 goto +0x3 <next.16>
    99: r4 = *(u32 *)(r8 + 0x48)
   100: if w4 != 0x7461632f goto +0x1 <next.16>
; quickstart.yaml:32: - operator: NotIn
   101: goto +0x29 <selector.14>
next.16:
; quickstart.yaml:25: - index: 0
   102: r1 = r7
   103: r2 = 0x0
   104: r3 = 0x0
   105: call rf_read_file
   106: r9 = r7
   107: r9 += 0x9f0
   108: if r0 != 0x0 goto +0x20 <unreadable.20>
   109: r4 = *(u32 *)(r9 + 0x0)
   110: if r4 & 0x2 goto +0x20 <selector.14>
   111: r2 = *(u32 *)(r9 + 0x8)
   112: r4 = *(u32 *)(r9 + 0x4)
   113: if r4 > 0x1000 goto +0x1b <unreadable.20>
   114: r3 = r9
   115: r3 += r4
; quickstart.yaml:28: - /srv/ringfence-demo/secret
   116: if r2 != 0x1a goto +0x1a <selector.14>
   117: r4 = *(u64 *)(r3 + 0x30)
   118: r5 = 0x6e69722f7672732f ll
   120: if r4 != r5 goto +0x16 <selector.14>
   121: r4 = *(u64 *)(r3 + 0x38)
   122: r5 = 0x642d65636e656667 ll
   124: if r4 != r5 goto +0x12 <selector.14>
   125: r4 = *(u64 *)(r3 + 0x40)
   126: r5 = 0x726365732f6f6d65 ll
   128: if r4 != r5 goto +0xe <selector.14>
   129: r4 = *(u16 *)(r3 + 0x48)
   130: if w4 != 0x7465 goto +0xc <selector.14>
next.21:
; quickstart.yaml:38: - action: Sigkill
   131: r9 = 0x300000000 ll
   133: *(u64 *)(r10 - 0x8) = -0x1
   134: r1 = *(u64 *)(r7 + 0xb0)
   135: if r1 == 0x0 goto +0x8 <act.13>
   136: r9 = 0x1000300000000 ll
   138: goto +0x5 <act.13>
unreadable.15:
; quickstart.yaml:32: - operator: NotIn
   139: *(u64 *)(r7 + 0xb0) = 0x1
   140: goto -0x27 <next.16>
unreadable.20:
; quickstart.yaml:25: - index: 0
   141: *(u64 *)(r7 + 0xb0) = 0x1
   142: goto -0xc <next.21>
selector.14:
; quickstart.yaml:16: - hook: file_open
   143: goto +0x15 <policy.12>
act.13:
   144: r1 = r7
   145: r2 = r8
   146: r3 = 0x0
   147: r4 = r9
   148: r5 = *(u64 *)(r10 - 0x8)
   149: call rf_match
   150: r1 = *(u64 *)(r7 + 0xa8)
   151: if r1 != 0x0 goto +0x1 <kept.24>
   152: *(u64 *)(r7 + 0xa8) = r0
kept.24:
   153: r1 = *(u32 *)(r7 + 0x8)
   154: if r1 == 0x0 goto +0xa <policy.12>
   155: r1 = r7
   156: r2 = 0x0
   157: r3 = 0x0
   158: call rf_read_file
   159: r1 = r7
   160: r2 = 0x0
   161: r3 = 0x0
   162: call rf_tell_path
   163: r1 = r7
   164: call rf_tell_end
policy.12:
   165: r9 = *(u64 *)(r7 + 0xa8)
   166: r1 = r7
   167: call rf_scratch_release
   168: r0 = r9
   169: r0 <<= 0x20
   170: r0 s>>= 0x20
   171: if r0 s> 0x0 goto +0x2 <clamp.25>
   172: if r0 s< -0xfff goto +0x1 <clamp.25>
   173: exit
clamp.25:
   174: r0 = -0x1
   175: exit

