lsm/file_open
; no-read-shadow.yaml:15: - hook: file_open
     0: r6 = r1
     1: *(u64 *)(r10 - 0x8) = 0x0
     2: call rf_scratch_claim
     3: if r0 == 0x0 goto +0x19e <no scratch>
     4: r7 = r0
     5: r1 = r7
     6: call rf_process_current
     7: r8 = r0
     8: r1 = *(u32 *)(r8 + 0x28)
     9: if r1 & 0x1 goto +0x195 <release>
; no-read-shadow.yaml:23: - matchArgs:
    10: *(u64 *)(r10 - 0x10) = 0x0
; no-read-shadow.yaml:32: - operator: NotIn
    11: r4 = *(u32 *)(r8 + 0x28)
    12: if r4 & 0x10 goto +0x179 <unreadable.4>
    13: r2 = *(u32 *)(r8 + 0x2c)
; no-read-shadow.yaml:34: - /usr/bin/chage
    14: if r2 != 0xe goto +0x9 <value.8>
    15: r4 = *(u64 *)(r8 + 0x30)
    16: r5 = 0x6e69622f7273752f ll
    18: if r4 != r5 goto +0x5 <value.8>
    19: r4 = *(u32 *)(r8 + 0x38)
    20: if w4 != 0x6168632f goto +0x3 <value.8>
    21: r4 = *(u16 *)(r8 + 0x3c)
    22: if w4 != 0x6567 goto +0x1 <value.8>
    23: goto +0x125 <holds.7>
value.8:
; no-read-shadow.yaml:35: - /usr/bin/gpasswd
    24: if r2 != 0x10 goto +0x9 <value.9>
    25: r4 = *(u64 *)(r8 + 0x30)
    26: r5 = 0x6e69622f7273752f ll
    28: if r4 != r5 goto +0x5 <value.9>
    29: r4 = *(u64 *)(r8 + 0x38)
    30: r5 = 0x647773736170672f ll
    32: if r4 != r5 goto +0x1 <value.9>
    33: goto +0x11b <holds.7>
value.9:
; no-read-shadow.yaml:36: - /usr/bin/login
    34: if r2 != 0xe goto +0x9 <value.10>
    35: r4 = *(u64 *)(r8 + 0x30)
    36: r5 = 0x6e69622f7273752f ll
    38: if r4 != r5 goto +0x5 <value.10>
    39: r4 = *(u32 *)(r8 + 0x38)
    40: if w4 != 0x676f6c2f goto +0x3 <value.10>
    41: r4 = *(u16 *)(r8 + 0x3c)
    42: if w4 != 0x6e69 goto +0x1 <value.10>
    43: goto +0x111 <holds.7>
value.10:
; no-read-shadow.yaml:37: - /usr/bin/newgrp
    44: if r2 != 0xf goto +0xb <value.11>
    45: r4 = *(u64 *)(r8 + 0x30)
    46: r5 = 0x6e69622f7273752f ll
    48: if r4 != r5 goto +0x7 <value.11>
    49: r4 = *(u32 *)(r8 + 0x38)
    50: if w4 != 0x77656e2f goto +0x5 <value.11>
    51: r4 = *(u16 *)(r8 + 0x3c)
    52: if w4 != 0x7267 goto +0x3 <value.11>
    53: r4 = *(u8 *)(r8 + 0x3e)
    54: if w4 != 0x70 goto +0x1 <value.11>
    55: goto +0x105 <holds.7>
value.11:
; no-read-shadow.yaml:38: - /usr/bin/passwd
    56: if r2 != 0xf goto +0xb <value.12>
    57: r4 = *(u64 *)(r8 + 0x30)
    58: r5 = 0x6e69622f7273752f ll
    60: if r4 != r5 goto +0x7 <value.12>
    61: r4 = *(u32 *)(r8 + 0x38)
    62: if w4 != 0x7361702f goto +0x5 <value.12>
    63: r4 = *(u16 *)(r8 + 0x3c)
    64: if w4 != 0x7773 goto +0x3 <value.12>
    65: r4 = *(u8 *)(r8 + 0x3e)
    66: if w4 != 0x64 goto +0x1 <value.12>
    67: goto +0xf9 <holds.7>
value.12:
; no-read-shadow.yaml:39: - /usr/bin/su
    68: if r2 != 0xb goto +0x9 <value.13>
    69: r4 = *(u64 *)(r8 + 0x30)
    70: r5 = 0x6e69622f7273752f ll
    72: if r4 != r5 goto +0x5 <value.13>
    73: r4 = *(u16 *)(r8 + 0x38)
    74: if w4 != 0x732f goto +0x3 <value.13>
    75: r4 = *(u8 *)(r8 + 0x3a)
    76: if w4 != 0x75 goto +0x1 <value.13>
    77: goto +0xef <holds.7>
value.13:
; no-read-shadow.yaml:40: - /usr/bin/sudo
    78: if r2 != 0xd goto +0x9 <value.14>
    79: r4 = *(u64 *)(r8 + 0x30)
    80: r5 = 0x6e69622f7273752f ll
    82: if r4 != r5 goto +0x5 <value.14>
    83: r4 = *(u32 *)(r8 + 0x38)
    84: if w4 != 0x6475732f goto +0x3 <value.14>
    85: r4 = *(u8 *)(r8 + 0x3c)
    86: if w4 != 0x6f goto +0x1 <value.14>
    87: goto +0xe5 <holds.7>
value.14:
; no-read-shadow.yaml:41: - /usr/bin/systemd-sysusers
    88: if r2 != 0x19 goto +0xf <value.15>
    89: r4 = *(u64 *)(r8 + 0x30)
    90: r5 = 0x6e69622f7273752f ll
    92: if r4 != r5 goto +0xb <value.15>
    93: r4 = *(u64 *)(r8 + 0x38)
    94: r5 = 0x646d65747379732f ll
    96: if r4 != r5 goto +0x7 <value.15>
    97: r4 = *(u64 *)(r8 + 0x40)
    98: r5 = 0x726573757379732d ll
   100: if r4 != r5 goto +0x3 <value.15>
   101: r4 = *(u8 *)(r8 + 0x48)
   102: if w4 != 0x73 goto +0x1 <value.15>
   103: goto +0xd5 <holds.7>
value.15:
; no-read-shadow.yaml:42: - /usr/lib/openssh/sshd-session
   104: if r2 != 0x1d goto +0x11 <value.16>
   105: r4 = *(u64 *)(r8 + 0x30)
   106: r5 = 0x62696c2f7273752f ll
   108: if r4 != r5 goto +0xd <value.16>
   109: r4 = *(u64 *)(r8 + 0x38)
   110: r5 = 0x6873736e65706f2f ll
   112: if r4 != r5 goto +0x9 <value.16>
   113: r4 = *(u64 *)(r8 + 0x40)
   114: r5 = 0x65732d646873732f ll
   116: if r4 != r5 goto +0x5 <value.16>
   117: r4 = *(u32 *)(r8 + 0x48)
   118: if w4 != 0x6f697373 goto +0x3 <value.16>
   119: r4 = *(u8 *)(r8 + 0x4c)
   120: if w4 != 0x6e goto +0x1 <value.16>
   121: goto +0xc3 <holds.7>
value.16:
; no-read-shadow.yaml:43: - /usr/lib/systemd/systemd
   122: if r2 != 0x18 goto +0xd <value.17>
   123: r4 = *(u64 *)(r8 + 0x30)
   124: r5 = 0x62696c2f7273752f ll
   126: if r4 != r5 goto +0x9 <value.17>
   127: r4 = *(u64 *)(r8 + 0x38)
   128: r5 = 0x646d65747379732f ll
   130: if r4 != r5 goto +0x5 <value.17>
   131: r4 = *(u64 *)(r8 + 0x40)
   132: r5 = 0x646d65747379732f ll
   134: if r4 != r5 goto +0x1 <value.17>
   135: goto +0xb5 <holds.7>
value.17:
; no-read-shadow.yaml:44: - /usr/lib/systemd/systemd-executor
   136: if r2 != 0x21 goto +0x13 <value.18>
   137: r4 = *(u64 *)(r8 + 0x30)
   138: r5 = 0x62696c2f7273752f ll
   140: if r4 != r5 goto +0xf <value.18>
   141: r4 = *(u64 *)(r8 + 0x38)
   142: r5 = 0x646d65747379732f ll
   144: if r4 != r5 goto +0xb <value.18>
   145: r4 = *(u64 *)(r8 + 0x40)
   146: r5 = 0x646d65747379732f ll
   148: if r4 != r5 goto +0x7 <value.18>
   149: r4 = *(u64 *)(r8 + 0x48)
   150: r5 = 0x6f7475636578652d ll
   152: if r4 != r5 goto +0x3 <value.18>
   153: r4 = *(u8 *)(r8 + 0x50)
   154: if w4 != 0x72 goto +0x1 <value.18>
   155: goto +0xa1 <holds.7>
value.18:
; no-read-shadow.yaml:45: - /usr/sbin/chpasswd
   156: if r2 != 0x12 goto +0xb <value.19>
   157: r4 = *(u64 *)(r8 + 0x30)
   158: r5 = 0x6962732f7273752f ll
   160: if r4 != r5 goto +0x7 <value.19>
   161: r4 = *(u64 *)(r8 + 0x38)
   162: r5 = 0x7373617068632f6e ll
   164: if r4 != r5 goto +0x3 <value.19>
   165: r4 = *(u16 *)(r8 + 0x40)
   166: if w4 != 0x6477 goto +0x1 <value.19>
   167: goto +0x95 <holds.7>
value.19:
; no-read-shadow.yaml:46: - /usr/sbin/cron
   168: if r2 != 0xe goto +0x9 <value.20>
   169: r4 = *(u64 *)(r8 + 0x30)
   170: r5 = 0x6962732f7273752f ll
   172: if r4 != r5 goto +0x5 <value.20>
   173: r4 = *(u32 *)(r8 + 0x38)
   174: if w4 != 0x72632f6e goto +0x3 <value.20>
   175: r4 = *(u16 *)(r8 + 0x3c)
   176: if w4 != 0x6e6f goto +0x1 <value.20>
   177: goto +0x8b <holds.7>
value.20:
; no-read-shadow.yaml:47: - /usr/sbin/groupadd
   178: if r2 != 0x12 goto +0xb <value.21>
   179: r4 = *(u64 *)(r8 + 0x30)
   180: r5 = 0x6962732f7273752f ll
   182: if r4 != r5 goto +0x7 <value.21>
   183: r4 = *(u64 *)(r8 + 0x38)
   184: r5 = 0x6170756f72672f6e ll
   186: if r4 != r5 goto +0x3 <value.21>
   187: r4 = *(u16 *)(r8 + 0x40)
   188: if w4 != 0x6464 goto +0x1 <value.21>
   189: goto +0x7f <holds.7>
value.21:
; no-read-shadow.yaml:48: - /usr/sbin/groupdel
   190: if r2 != 0x12 goto +0xb <value.22>
   191: r4 = *(u64 *)(r8 + 0x30)
   192: r5 = 0x6962732f7273752f ll
   194: if r4 != r5 goto +0x7 <value.22>
   195: r4 = *(u64 *)(r8 + 0x38)
   196: r5 = 0x6470756f72672f6e ll
   198: if r4 != r5 goto +0x3 <value.22>
   199: r4 = *(u16 *)(r8 + 0x40)
   200: if w4 != 0x6c65 goto +0x1 <value.22>
   201: goto +0x73 <holds.7>
value.22:
; no-read-shadow.yaml:49: - /usr/sbin/groupmod
   202: if r2 != 0x12 goto +0xb <value.23>
   203: r4 = *(u64 *)(r8 + 0x30)
   204: r5 = 0x6962732f7273752f ll
   206: if r4 != r5 goto +0x7 <value.23>
   207: r4 = *(u64 *)(r8 + 0x38)
   208: r5 = 0x6d70756f72672f6e ll
   210: if r4 != r5 goto +0x3 <value.23>
   211: r4 = *(u16 *)(r8 + 0x40)
   212: if w4 != 0x646f goto +0x1 <value.23>
   213: goto +0x67 <holds.7>
value.23:
; no-read-shadow.yaml:50: - /usr/sbin/grpck
   214: if r2 != 0xf goto +0xb <value.24>
   215: r4 = *(u64 *)(r8 + 0x30)
   216: r5 = 0x6962732f7273752f ll
   218: if r4 != r5 goto +0x7 <value.24>
   219: r4 = *(u32 *)(r8 + 0x38)
   220: if w4 != 0x72672f6e goto +0x5 <value.24>
   221: r4 = *(u16 *)(r8 + 0x3c)
   222: if w4 != 0x6370 goto +0x3 <value.24>
   223: r4 = *(u8 *)(r8 + 0x3e)
   224: if w4 != 0x6b goto +0x1 <value.24>
   225: goto +0x5b <holds.7>
value.24:
; no-read-shadow.yaml:51: - /usr/sbin/pwck
   226: if r2 != 0xe goto +0x9 <value.25>
   227: r4 = *(u64 *)(r8 + 0x30)
   228: r5 = 0x6962732f7273752f ll
   230: if r4 != r5 goto +0x5 <value.25>
   231: r4 = *(u32 *)(r8 + 0x38)
   232: if w4 != 0x77702f6e goto +0x3 <value.25>
   233: r4 = *(u16 *)(r8 + 0x3c)
   234: if w4 != 0x6b63 goto +0x1 <value.25>
   235: goto +0x51 <holds.7>
value.25:
; no-read-shadow.yaml:52: - /usr/sbin/runuser
   236: if r2 != 0x11 goto +0xb <value.26>
   237: r4 = *(u64 *)(r8 + 0x30)
   238: r5 = 0x6962732f7273752f ll
   240: if r4 != r5 goto +0x7 <value.26>
   241: r4 = *(u64 *)(r8 + 0x38)
   242: r5 = 0x6573756e75722f6e ll
   244: if r4 != r5 goto +0x3 <value.26>
   245: r4 = *(u8 *)(r8 + 0x40)
   246: if w4 != 0x72 goto +0x1 <value.26>
   247: goto +0x45 <holds.7>
value.26:
; no-read-shadow.yaml:53: - /usr/sbin/sshd
   248: if r2 != 0xe goto +0x9 <value.27>
   249: r4 = *(u64 *)(r8 + 0x30)
   250: r5 = 0x6962732f7273752f ll
   252: if r4 != r5 goto +0x5 <value.27>
   253: r4 = *(u32 *)(r8 + 0x38)
   254: if w4 != 0x73732f6e goto +0x3 <value.27>
   255: r4 = *(u16 *)(r8 + 0x3c)
   256: if w4 != 0x6468 goto +0x1 <value.27>
   257: goto +0x3b <holds.7>
value.27:
; no-read-shadow.yaml:54: - /usr/sbin/unix_chkpwd
   258: if r2 != 0x15 goto +0xd <value.28>
   259: r4 = *(u64 *)(r8 + 0x30)
   260: r5 = 0x6962732f7273752f ll
   262: if r4 != r5 goto +0x9 <value.28>
   263: r4 = *(u64 *)(r8 + 0x38)
   264: r5 = 0x635f78696e752f6e ll
   266: if r4 != r5 goto +0x5 <value.28>
   267: r4 = *(u32 *)(r8 + 0x40)
   268: if w4 != 0x77706b68 goto +0x3 <value.28>
   269: r4 = *(u8 *)(r8 + 0x44)
   270: if w4 != 0x64 goto +0x1 <value.28>
   271: goto +0x2d <holds.7>
value.28:
; no-read-shadow.yaml:55: - /usr/sbin/useradd
   272: if r2 != 0x11 goto +0xb <value.29>
   273: r4 = *(u64 *)(r8 + 0x30)
   274: r5 = 0x6962732f7273752f ll
   276: if r4 != r5 goto +0x7 <value.29>
   277: r4 = *(u64 *)(r8 + 0x38)
   278: r5 = 0x6461726573752f6e ll
   280: if r4 != r5 goto +0x3 <value.29>
   281: r4 = *(u8 *)(r8 + 0x40)
   282: if w4 != 0x64 goto +0x1 <value.29>
   283: goto +0x21 <holds.7>
value.29:
; no-read-shadow.yaml:56: - /usr/sbin/userdel
   284: if r2 != 0x11 goto +0xb <value.30>
   285: r4 = *(u64 *)(r8 + 0x30)
   286: r5 = 0x6962732f7273752f ll
   288: if r4 != r5 goto +0x7 <value.30>
   289: r4 = *(u64 *)(r8 + 0x38)
   290: r5 = 0x6564726573752f6e ll
   292: if r4 != r5 goto +0x3 <value.30>
   293: r4 = *(u8 *)(r8 + 0x40)
   294: if w4 != 0x6c goto +0x1 <value.30>
   295: goto +0x15 <holds.7>
value.30:
; no-read-shadow.yaml:57: - /usr/sbin/usermod
   296: if r2 != 0x11 goto +0xb <value.31>
   297: r4 = *(u64 *)(r8 + 0x30)
   298: r5 = 0x6962732f7273752f ll
   300: if r4 != r5 goto +0x7 <value.31>
   301: r4 = *(u64 *)(r8 + 0x38)
   302: r5 = 0x6f6d726573752f6e ll
   304: if r4 != r5 goto +0x3 <value.31>
   305: r4 = *(u8 *)(r8 + 0x40)
   306: if w4 != 0x64 goto +0x1 <value.31>
   307: goto +0x9 <holds.7>
value.31:
; no-read-shadow.yaml:58: - /usr/sbin/vipw
   308: if r2 != 0xe goto +0x9 <next.5>
   309: r4 = *(u64 *)(r8 + 0x30)
   310: r5 = 0x6962732f7273752f ll
   312: if r4 != r5 goto +0x5 <next.5>
   313: r4 = *(u32 *)(r8 + 0x38)
   314: if w4 != 0x69762f6e goto +0x3 <next.5>
   315: r4 = *(u16 *)(r8 + 0x3c)
   316: if w4 != 0x7770 goto +0x1 <next.5>
holds.7:
; no-read-shadow.yaml:32: - operator: NotIn
   317: goto +0x61 <release>
next.5:
; no-read-shadow.yaml:24: - index: 0
   318: r1 = r7
   319: r2 = 0x0
   320: r3 = *(u64 *)(r6 + 0x0)
   321: call rf_path_of_file
   322: r9 = r7
   323: r9 += 0x190
   324: if r0 != 0x0 goto +0x43 <unreadable.32>
   325: r4 = *(u32 *)(r9 + 0x0)
   326: if r4 & 0x2 goto +0x58 <release>
   327: r2 = *(u32 *)(r9 + 0x8)
   328: r4 = *(u32 *)(r9 + 0x4)
   329: if r4 > 0x1000 goto +0x3e <unreadable.32>
   330: r3 = r9
   331: r3 += r4
; no-read-shadow.yaml:27: - /etc/shadow
   332: if r2 != 0xb goto +0x9 <value.36>
   333: r4 = *(u64 *)(r3 + 0x20)
   334: r5 = 0x6168732f6374652f ll
   336: if r4 != r5 goto +0x5 <value.36>
   337: r4 = *(u16 *)(r3 + 0x28)
   338: if w4 != 0x6f64 goto +0x3 <value.36>
   339: r4 = *(u8 *)(r3 + 0x2a)
   340: if w4 != 0x77 goto +0x1 <value.36>
   341: goto +0x19 <next.33>
value.36:
; no-read-shadow.yaml:28: - /etc/shadow-
   342: if r2 != 0xc goto +0x7 <value.37>
   343: r4 = *(u64 *)(r3 + 0x20)
   344: r5 = 0x6168732f6374652f ll
   346: if r4 != r5 goto +0x3 <value.37>
   347: r4 = *(u32 *)(r3 + 0x28)
   348: if w4 != 0x2d776f64 goto +0x1 <value.37>
   349: goto +0x11 <next.33>
value.37:
; no-read-shadow.yaml:29: - /etc/gshadow
   350: if r2 != 0xc goto +0x7 <value.38>
   351: r4 = *(u64 *)(r3 + 0x20)
   352: r5 = 0x6873672f6374652f ll
   354: if r4 != r5 goto +0x3 <value.38>
   355: r4 = *(u32 *)(r3 + 0x28)
   356: if w4 != 0x776f6461 goto +0x1 <value.38>
   357: goto +0x9 <next.33>
value.38:
; no-read-shadow.yaml:30: - /etc/gshadow-
   358: if r2 != 0xd goto +0x38 <release>
   359: r4 = *(u64 *)(r3 + 0x20)
   360: r5 = 0x6873672f6374652f ll
   362: if r4 != r5 goto +0x34 <release>
   363: r4 = *(u32 *)(r3 + 0x28)
   364: if w4 != 0x776f6461 goto +0x32 <release>
   365: r4 = *(u8 *)(r3 + 0x2c)
   366: if w4 != 0x2d goto +0x30 <release>
next.33:
; no-read-shadow.yaml:61: - action: Override
   367: r1 = *(u64 *)(r10 - 0x10)
   368: if r1 != 0x0 goto +0x19 <undecided.3>
   369: r1 = r7
   370: r2 = r8
   371: r3 = 0x0
   372: r4 = 0x500000000 ll
   374: r5 = -0xd
   375: call rf_match
   376: r1 = *(u64 *)(r10 - 0x8)
   377: if r1 != 0x0 goto +0x1 <kept.39>
   378: *(u64 *)(r10 - 0x8) = r0
kept.39:
   379: r1 = r7
   380: r2 = 0x0
   381: r3 = *(u64 *)(r6 + 0x0)
   382: call rf_path_of_file
   383: r1 = r7
   384: r2 = 0x0
   385: r3 = 0x0
   386: call rf_tell_path
   387: r1 = r7
   388: call rf_tell_end
   389: goto +0x19 <release>
unreadable.4:
; no-read-shadow.yaml:32: - operator: NotIn
   390: *(u64 *)(r10 - 0x10) = 0x1
   391: goto -0x4a <next.5>
unreadable.32:
; no-read-shadow.yaml:24: - index: 0
   392: *(u64 *)(r10 - 0x10) = 0x1
   393: goto -0x1b <next.33>
undecided.3:
; no-read-shadow.yaml:61: - action: Override
   394: r1 = r7
   395: r2 = r8
   396: r3 = 0x0
   397: r4 = 0x1000500000000 ll
   399: r5 = -0xd
   400: call rf_match
   401: r1 = *(u64 *)(r10 - 0x8)
   402: if r1 != 0x0 goto +0x1 <kept.40>
   403: *(u64 *)(r10 - 0x8) = r0
kept.40:
   404: r1 = r7
   405: r2 = 0x0
   406: r3 = *(u64 *)(r6 + 0x0)
   407: call rf_path_of_file
   408: r1 = r7
   409: r2 = 0x0
   410: r3 = 0x0
   411: call rf_tell_path
   412: r1 = r7
   413: call rf_tell_end
   414: goto +0x0 <release>
release:
; no-read-shadow.yaml:15: - hook: file_open
   415: r1 = r7
   416: call rf_scratch_release
   417: goto +0x5 <leave>
no scratch:
   418: r1 = 0x0
   419: call rf_fail_closed
   420: r1 = *(u64 *)(r10 - 0x8)
   421: if r1 != 0x0 goto +0x1 <leave>
   422: *(u64 *)(r10 - 0x8) = r0
leave:
   423: r0 = *(u64 *)(r10 - 0x8)
   424: r0 <<= 0x20
   425: r0 s>>= 0x20
   426: if r0 s> 0x0 goto +0x2 <clamp>
   427: if r0 s< -0xfff goto +0x1 <clamp>
   428: exit
clamp:
   429: r0 = -0x1
   430: exit

