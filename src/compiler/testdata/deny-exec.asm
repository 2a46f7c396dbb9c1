lsm/bprm_check_security
; deny-exec.yaml:12: - hook: bprm_check_security
     0: r6 = r1
     1: call rf_scratch_claim
     2: if r0 != 0x0 goto +0x12 <scratch>
     3: r9 = 0x0
     4: r1 = 0x0
     5: r2 = -0x1
     6: call rf_fail_closed
     7: if r9 != 0x0 goto +0x1 <kept.1>
     8: r9 = r0
kept.1:
     9: goto +0x3 <leave>
release:
    10: r9 = *(u64 *)(r7 + 0xa0)
    11: r1 = r7
    12: call rf_scratch_release
leave:
    13: r0 = r9
    14: r0 <<= 0x20
    15: r0 s>>= 0x20
    16: if r0 s> 0x0 goto +0x2 <clamp>
    17: if r0 s< -0xfff goto +0x1 <clamp>
    18: exit
clamp:
    19: r0 = -0x1
    20: exit
scratch:
    21: r7 = r0
    22: *(u64 *)(r7 + 0xa0) = 0x0
    23: *(u64 *)(r7 + 0x98) = 0x0
    24: r1 = *(u64 *)(r6 + 0x0)
    25: *(u64 *)(r7 + 0x18) = r1
; deny-exec.yaml:22: - matchArgs:
    26: *(u64 *)(r7 + 0xa8) = 0x0
; deny-exec.yaml:23: - index: 0
    27: r1 = r7
    28: r2 = 0x0
    29: r3 = 0x0
    30: call rf_read_binprm
    31: r9 = r7
    32: r9 += 0x948
    33: if r0 != 0x0 goto +0x4a <unreadable.5>
    34: r4 = *(u32 *)(r9 + 0x0)
    35: if r4 & 0x2 goto +0x4a <selector.4>
    36: r2 = *(u32 *)(r9 + 0x8)
    37: r4 = *(u32 *)(r9 + 0x4)
    38: if r4 > 0x1000 goto +0x45 <unreadable.5>
    39: r3 = r9
    40: r3 += r4
; deny-exec.yaml:26: - /usr/bin/nc
    41: if r2 != 0xb goto +0x9 <value.9>
    42: r4 = *(u64 *)(r3 + 0x28)
    43: r5 = 0x6e69622f7273752f ll
    45: if r4 != r5 goto +0x5 <value.9>
    46: r4 = *(u16 *)(r3 + 0x30)
    47: if w4 != 0x6e2f goto +0x3 <value.9>
    48: r4 = *(u8 *)(r3 + 0x32)
    49: if w4 != 0x63 goto +0x1 <value.9>
    50: goto +0x31 <next.6>
value.9:
; deny-exec.yaml:27: - /usr/bin/nc.openbsd
    51: if r2 != 0x13 goto +0xd <value.10>
    52: r4 = *(u64 *)(r3 + 0x28)
    53: r5 = 0x6e69622f7273752f ll
    55: if r4 != r5 goto +0x9 <value.10>
    56: r4 = *(u64 *)(r3 + 0x30)
    57: r5 = 0x6e65706f2e636e2f ll
    59: if r4 != r5 goto +0x5 <value.10>
    60: r4 = *(u16 *)(r3 + 0x38)
    61: if w4 != 0x7362 goto +0x3 <value.10>
    62: r4 = *(u8 *)(r3 + 0x3a)
    63: if w4 != 0x64 goto +0x1 <value.10>
    64: goto +0x23 <next.6>
value.10:
; deny-exec.yaml:28: - /usr/bin/nc.traditional
    65: if r2 != 0x17 goto +0xf <value.11>
    66: r4 = *(u64 *)(r3 + 0x28)
    67: r5 = 0x6e69622f7273752f ll
    69: if r4 != r5 goto +0xb <value.11>
    70: r4 = *(u64 *)(r3 + 0x30)
    71: r5 = 0x646172742e636e2f ll
    73: if r4 != r5 goto +0x7 <value.11>
    74: r4 = *(u32 *)(r3 + 0x38)
    75: if w4 != 0x6f697469 goto +0x5 <value.11>
    76: r4 = *(u16 *)(r3 + 0x3c)
    77: if w4 != 0x616e goto +0x3 <value.11>
    78: r4 = *(u8 *)(r3 + 0x3e)
    79: if w4 != 0x6c goto +0x1 <value.11>
    80: goto +0x13 <next.6>
value.11:
; deny-exec.yaml:29: - /usr/bin/ncat
    81: if r2 != 0xd goto +0x9 <value.12>
    82: r4 = *(u64 *)(r3 + 0x28)
    83: r5 = 0x6e69622f7273752f ll
    85: if r4 != r5 goto +0x5 <value.12>
    86: r4 = *(u32 *)(r3 + 0x30)
    87: if w4 != 0x61636e2f goto +0x3 <value.12>
    88: r4 = *(u8 *)(r3 + 0x34)
    89: if w4 != 0x74 goto +0x1 <value.12>
    90: goto +0x9 <next.6>
value.12:
; deny-exec.yaml:30: - /usr/bin/socat
    91: if r2 != 0xe goto +0x12 <selector.4>
    92: r4 = *(u64 *)(r3 + 0x28)
    93: r5 = 0x6e69622f7273752f ll
    95: if r4 != r5 goto +0xe <selector.4>
    96: r4 = *(u32 *)(r3 + 0x30)
    97: if w4 != 0x636f732f goto +0xc <selector.4>
    98: r4 = *(u16 *)(r3 + 0x34)
    99: if w4 != 0x7461 goto +0xa <selector.4>
next.6:
; deny-exec.yaml:33: - action: Override
   100: r9 = 0x500000000 ll
   102: *(u64 *)(r10 - 0x8) = -0x1
   103: r1 = *(u64 *)(r7 + 0xa8)
   104: if r1 == 0x0 goto +0x6 <act.3>
   105: r9 = 0x1000500000000 ll
   107: goto +0x3 <act.3>
unreadable.5:
; deny-exec.yaml:23: - index: 0
   108: *(u64 *)(r7 + 0xa8) = 0x1
   109: goto -0xa <next.6>
selector.4:
; deny-exec.yaml:12: - hook: bprm_check_security
   110: goto +0x1a <policy.2>
act.3:
   111: r1 = r7
   112: call rf_process_current
   113: r8 = r0
   114: r1 = *(u32 *)(r8 + 0x28)
   115: if r1 & 0x1 goto +0x15 <policy.2>
   116: r1 = r7
   117: r2 = r8
   118: r3 = 0x0
   119: r4 = r9
   120: r5 = *(u64 *)(r10 - 0x8)
   121: call rf_match
   122: r1 = *(u64 *)(r7 + 0xa0)
   123: if r1 != 0x0 goto +0x1 <kept.13>
   124: *(u64 *)(r7 + 0xa0) = r0
kept.13:
   125: r1 = *(u32 *)(r7 + 0x8)
   126: if r1 == 0x0 goto +0xa <policy.2>
   127: r1 = r7
   128: r2 = 0x0
   129: r3 = 0x0
   130: call rf_read_binprm
   131: r1 = r7
   132: r2 = 0x0
   133: r3 = 0x0
   134: call rf_tell_path
   135: r1 = r7
   136: call rf_tell_end
policy.2:
   137: goto -0x80 <release>

