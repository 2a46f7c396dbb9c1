lsm/bprm_check_security
; deny-exec.yaml:12: - hook: bprm_check_security
     0: r6 = r1
     1: *(u64 *)(r10 - 0x8) = 0x0
     2: call rf_scratch_claim
     3: if r0 == 0x0 goto +0x81 <no scratch>
     4: r7 = r0
     5: r1 = r7
     6: call rf_process_current
     7: r8 = r0
     8: r1 = *(u32 *)(r8 + 0x28)
     9: if r1 & 0x1 goto +0x78 <release>
; deny-exec.yaml:22: - matchArgs:
    10: *(u64 *)(r10 - 0x10) = 0x0
; deny-exec.yaml:23: - index: 0
    11: r1 = r7
    12: r2 = 0x0
    13: r3 = *(u64 *)(r6 + 0x0)
    14: call rf_path_of_binprm
    15: r9 = r7
    16: r9 += 0x190
    17: if r0 != 0x0 goto +0x59 <unreadable.4>
    18: r4 = *(u32 *)(r9 + 0x0)
    19: if r4 & 0x2 goto +0x6e <release>
    20: r2 = *(u32 *)(r9 + 0x8)
    21: r4 = *(u32 *)(r9 + 0x4)
    22: if r4 > 0x1000 goto +0x54 <unreadable.4>
    23: r3 = r9
    24: r3 += r4
; deny-exec.yaml:26: - /usr/bin/nc
    25: if r2 != 0xb goto +0x9 <value.8>
    26: r4 = *(u64 *)(r3 + 0x20)
    27: r5 = 0x6e69622f7273752f ll
    29: if r4 != r5 goto +0x5 <value.8>
    30: r4 = *(u16 *)(r3 + 0x28)
    31: if w4 != 0x6e2f goto +0x3 <value.8>
    32: r4 = *(u8 *)(r3 + 0x2a)
    33: if w4 != 0x63 goto +0x1 <value.8>
    34: goto +0x31 <next.5>
value.8:
; deny-exec.yaml:27: - /usr/bin/nc.openbsd
    35: if r2 != 0x13 goto +0xd <value.9>
    36: r4 = *(u64 *)(r3 + 0x20)
    37: r5 = 0x6e69622f7273752f ll
    39: if r4 != r5 goto +0x9 <value.9>
    40: r4 = *(u64 *)(r3 + 0x28)
    41: r5 = 0x6e65706f2e636e2f ll
    43: if r4 != r5 goto +0x5 <value.9>
    44: r4 = *(u16 *)(r3 + 0x30)
    45: if w4 != 0x7362 goto +0x3 <value.9>
    46: r4 = *(u8 *)(r3 + 0x32)
    47: if w4 != 0x64 goto +0x1 <value.9>
    48: goto +0x23 <next.5>
value.9:
; deny-exec.yaml:28: - /usr/bin/nc.traditional
    49: if r2 != 0x17 goto +0xf <value.10>
    50: r4 = *(u64 *)(r3 + 0x20)
    51: r5 = 0x6e69622f7273752f ll
    53: if r4 != r5 goto +0xb <value.10>
    54: r4 = *(u64 *)(r3 + 0x28)
    55: r5 = 0x646172742e636e2f ll
    57: if r4 != r5 goto +0x7 <value.10>
    58: r4 = *(u32 *)(r3 + 0x30)
    59: if w4 != 0x6f697469 goto +0x5 <value.10>
    60: r4 = *(u16 *)(r3 + 0x34)
    61: if w4 != 0x616e goto +0x3 <value.10>
    62: r4 = *(u8 *)(r3 + 0x36)
    63: if w4 != 0x6c goto +0x1 <value.10>
    64: goto +0x13 <next.5>
value.10:
; deny-exec.yaml:29: - /usr/bin/ncat
    65: if r2 != 0xd goto +0x9 <value.11>
    66: r4 = *(u64 *)(r3 + 0x20)
    67: r5 = 0x6e69622f7273752f ll
    69: if r4 != r5 goto +0x5 <value.11>
    70: r4 = *(u32 *)(r3 + 0x28)
    71: if w4 != 0x61636e2f goto +0x3 <value.11>
    72: r4 = *(u8 *)(r3 + 0x2c)
    73: if w4 != 0x74 goto +0x1 <value.11>
    74: goto +0x9 <next.5>
value.11:
; deny-exec.yaml:30: - /usr/bin/socat
    75: if r2 != 0xe goto +0x36 <release>
    76: r4 = *(u64 *)(r3 + 0x20)
    77: r5 = 0x6e69622f7273752f ll
    79: if r4 != r5 goto +0x32 <release>
    80: r4 = *(u32 *)(r3 + 0x28)
    81: if w4 != 0x636f732f goto +0x30 <release>
    82: r4 = *(u16 *)(r3 + 0x2c)
    83: if w4 != 0x7461 goto +0x2e <release>
next.5:
; deny-exec.yaml:33: - action: Override
    84: r1 = *(u64 *)(r10 - 0x10)
    85: if r1 != 0x0 goto +0x17 <undecided.3>
    86: r1 = r7
    87: r2 = r8
    88: r3 = 0x0
    89: r4 = 0x500000000 ll
    91: r5 = -0x1
    92: call rf_match
    93: r1 = *(u64 *)(r10 - 0x8)
    94: if r1 != 0x0 goto +0x1 <kept.12>
    95: *(u64 *)(r10 - 0x8) = r0
kept.12:
    96: r1 = r7
    97: r2 = 0x0
    98: r3 = *(u64 *)(r6 + 0x0)
    99: call rf_path_of_binprm
   100: r1 = r7
   101: r2 = 0x0
   102: r3 = 0x0
   103: call rf_tell_path
   104: r1 = r7
   105: call rf_tell_end
   106: goto +0x17 <release>
unreadable.4:
; deny-exec.yaml:23: - index: 0
   107: *(u64 *)(r10 - 0x10) = 0x1
   108: goto -0x19 <next.5>
undecided.3:
; deny-exec.yaml:33: - action: Override
   109: r1 = r7
   110: r2 = r8
   111: r3 = 0x0
   112: r4 = 0x1000500000000 ll
   114: r5 = -0x1
   115: call rf_match
   116: r1 = *(u64 *)(r10 - 0x8)
   117: if r1 != 0x0 goto +0x1 <kept.13>
   118: *(u64 *)(r10 - 0x8) = r0
kept.13:
   119: r1 = r7
   120: r2 = 0x0
   121: r3 = *(u64 *)(r6 + 0x0)
   122: call rf_path_of_binprm
   123: r1 = r7
   124: r2 = 0x0
   125: r3 = 0x0
   126: call rf_tell_path
   127: r1 = r7
   128: call rf_tell_end
   129: goto +0x0 <release>
release:
; deny-exec.yaml:12: - hook: bprm_check_security
   130: r1 = r7
   131: call rf_scratch_release
   132: goto +0x5 <leave>
no scratch:
   133: r1 = 0x0
   134: call rf_fail_closed
   135: r1 = *(u64 *)(r10 - 0x8)
   136: if r1 != 0x0 goto +0x1 <leave>
   137: *(u64 *)(r10 - 0x8) = r0
leave:
   138: r0 = *(u64 *)(r10 - 0x8)
   139: r0 <<= 0x20
   140: r0 s>>= 0x20
   141: if r0 s> 0x0 goto +0x2 <clamp>
   142: if r0 s< -0xfff goto +0x1 <clamp>
   143: exit
clamp:
   144: r0 = -0x1
   145: exit

