lsm/file_open
; no-read-shadow.yaml:15: - hook: file_open
     0: r6 = r1
     1: call rf_scratch_claim
     2: if r0 != 0x0 goto +0x12 <scratch>
     3: r9 = 0x0
     4: r1 = 0x0
     5: r2 = -0xd
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
    24: r1 = r7
    25: call rf_process_current
    26: r8 = r0
    27: r1 = *(u32 *)(r8 + 0x28)
    28: if r1 & 0x1 goto -0x13 <release>
    29: r1 = *(u64 *)(r6 + 0x0)
    30: *(u64 *)(r7 + 0x18) = r1
; no-read-shadow.yaml:23: - matchArgs:
    31: *(u64 *)(r7 + 0xa8) = 0x0
; no-read-shadow.yaml:32: - operator: NotIn
    32: r1 = *(u32 *)(r8 + 0x28)
    33: if r1 & 0x10 goto +0x16a <unreadable.5>
    34: r2 = *(u32 *)(r8 + 0x2c)
; no-read-shadow.yaml:34: - /usr/bin/chage
    35: if r2 != 0xe goto +0x9 <value.10>
    36: r4 = *(u64 *)(r8 + 0x40)
    37: r5 = 0x6e69622f7273752f ll
    39: if r4 != r5 goto +0x5 <value.10>
    40: r4 = *(u32 *)(r8 + 0x48)
    41: if w4 != 0x6168632f goto +0x3 <value.10>
    42: r4 = *(u16 *)(r8 + 0x4c)
    43: if w4 != 0x6567 goto +0x1 <value.10>
    44: goto +0x125 <binary.8>
value.10:
; no-read-shadow.yaml:35: - /usr/bin/gpasswd
    45: if r2 != 0x10 goto +0x9 <value.11>
    46: r4 = *(u64 *)(r8 + 0x40)
    47: r5 = 0x6e69622f7273752f ll
    49: if r4 != r5 goto +0x5 <value.11>
    50: r4 = *(u64 *)(r8 + 0x48)
    51: r5 = 0x647773736170672f ll
    53: if r4 != r5 goto +0x1 <value.11>
    54: goto +0x11b <binary.8>
value.11:
; no-read-shadow.yaml:36: - /usr/bin/login
    55: if r2 != 0xe goto +0x9 <value.12>
    56: r4 = *(u64 *)(r8 + 0x40)
    57: r5 = 0x6e69622f7273752f ll
    59: if r4 != r5 goto +0x5 <value.12>
    60: r4 = *(u32 *)(r8 + 0x48)
    61: if w4 != 0x676f6c2f goto +0x3 <value.12>
    62: r4 = *(u16 *)(r8 + 0x4c)
    63: if w4 != 0x6e69 goto +0x1 <value.12>
    64: goto +0x111 <binary.8>
value.12:
; no-read-shadow.yaml:37: - /usr/bin/newgrp
    65: if r2 != 0xf goto +0xb <value.13>
    66: r4 = *(u64 *)(r8 + 0x40)
    67: r5 = 0x6e69622f7273752f ll
    69: if r4 != r5 goto +0x7 <value.13>
    70: r4 = *(u32 *)(r8 + 0x48)
    71: if w4 != 0x77656e2f goto +0x5 <value.13>
    72: r4 = *(u16 *)(r8 + 0x4c)
    73: if w4 != 0x7267 goto +0x3 <value.13>
    74: r4 = *(u8 *)(r8 + 0x4e)
    75: if w4 != 0x70 goto +0x1 <value.13>
    76: goto +0x105 <binary.8>
value.13:
; no-read-shadow.yaml:38: - /usr/bin/passwd
    77: if r2 != 0xf goto +0xb <value.14>
    78: r4 = *(u64 *)(r8 + 0x40)
    79: r5 = 0x6e69622f7273752f ll
    81: if r4 != r5 goto +0x7 <value.14>
    82: r4 = *(u32 *)(r8 + 0x48)
    83: if w4 != 0x7361702f goto +0x5 <value.14>
    84: r4 = *(u16 *)(r8 + 0x4c)
    85: if w4 != 0x7773 goto +0x3 <value.14>
    86: r4 = *(u8 *)(r8 + 0x4e)
    87: if w4 != 0x64 goto +0x1 <value.14>
    88: goto +0xf9 <binary.8>
value.14:
; no-read-shadow.yaml:39: - /usr/bin/su
    89: if r2 != 0xb goto +0x9 <value.15>
    90: r4 = *(u64 *)(r8 + 0x40)
    91: r5 = 0x6e69622f7273752f ll
    93: if r4 != r5 goto +0x5 <value.15>
    94: r4 = *(u16 *)(r8 + 0x48)
    95: if w4 != 0x732f goto +0x3 <value.15>
    96: r4 = *(u8 *)(r8 + 0x4a)
    97: if w4 != 0x75 goto +0x1 <value.15>
    98: goto +0xef <binary.8>
value.15:
; no-read-shadow.yaml:40: - /usr/bin/sudo
    99: if r2 != 0xd goto +0x9 <value.16>
   100: r4 = *(u64 *)(r8 + 0x40)
   101: r5 = 0x6e69622f7273752f ll
   103: if r4 != r5 goto +0x5 <value.16>
   104: r4 = *(u32 *)(r8 + 0x48)
   105: if w4 != 0x6475732f goto +0x3 <value.16>
   106: r4 = *(u8 *)(r8 + 0x4c)
   107: if w4 != 0x6f goto +0x1 <value.16>
   108: goto +0xe5 <binary.8>
value.16:
; no-read-shadow.yaml:41: - /usr/bin/systemd-sysusers
   109: if r2 != 0x19 goto +0xf <value.17>
   110: r4 = *(u64 *)(r8 + 0x40)
   111: r5 = 0x6e69622f7273752f ll
   113: if r4 != r5 goto +0xb <value.17>
   114: r4 = *(u64 *)(r8 + 0x48)
   115: r5 = 0x646d65747379732f ll
   117: if r4 != r5 goto +0x7 <value.17>
   118: r4 = *(u64 *)(r8 + 0x50)
   119: r5 = 0x726573757379732d ll
   121: if r4 != r5 goto +0x3 <value.17>
   122: r4 = *(u8 *)(r8 + 0x58)
   123: if w4 != 0x73 goto +0x1 <value.17>
   124: goto +0xd5 <binary.8>
value.17:
; no-read-shadow.yaml:42: - /usr/lib/openssh/sshd-session
   125: if r2 != 0x1d goto +0x11 <value.18>
   126: r4 = *(u64 *)(r8 + 0x40)
   127: r5 = 0x62696c2f7273752f ll
   129: if r4 != r5 goto +0xd <value.18>
   130: r4 = *(u64 *)(r8 + 0x48)
   131: r5 = 0x6873736e65706f2f ll
   133: if r4 != r5 goto +0x9 <value.18>
   134: r4 = *(u64 *)(r8 + 0x50)
   135: r5 = 0x65732d646873732f ll
   137: if r4 != r5 goto +0x5 <value.18>
   138: r4 = *(u32 *)(r8 + 0x58)
   139: if w4 != 0x6f697373 goto +0x3 <value.18>
   140: r4 = *(u8 *)(r8 + 0x5c)
   141: if w4 != 0x6e goto +0x1 <value.18>
   142: goto +0xc3 <binary.8>
value.18:
; no-read-shadow.yaml:43: - /usr/lib/systemd/systemd
   143: if r2 != 0x18 goto +0xd <value.19>
   144: r4 = *(u64 *)(r8 + 0x40)
   145: r5 = 0x62696c2f7273752f ll
   147: if r4 != r5 goto +0x9 <value.19>
   148: r4 = *(u64 *)(r8 + 0x48)
   149: r5 = 0x646d65747379732f ll
   151: if r4 != r5 goto +0x5 <value.19>
   152: r4 = *(u64 *)(r8 + 0x50)
   153: r5 = 0x646d65747379732f ll
   155: if r4 != r5 goto +0x1 <value.19>
   156: goto +0xb5 <binary.8>
value.19:
; no-read-shadow.yaml:44: - /usr/lib/systemd/systemd-executor
   157: if r2 != 0x21 goto +0x13 <value.20>
   158: r4 = *(u64 *)(r8 + 0x40)
   159: r5 = 0x62696c2f7273752f ll
   161: if r4 != r5 goto +0xf <value.20>
   162: r4 = *(u64 *)(r8 + 0x48)
   163: r5 = 0x646d65747379732f ll
   165: if r4 != r5 goto +0xb <value.20>
   166: r4 = *(u64 *)(r8 + 0x50)
   167: r5 = 0x646d65747379732f ll
   169: if r4 != r5 goto +0x7 <value.20>
   170: r4 = *(u64 *)(r8 + 0x58)
   171: r5 = 0x6f7475636578652d ll
   173: if r4 != r5 goto +0x3 <value.20>
   174: r4 = *(u8 *)(r8 + 0x60)
   175: if w4 != 0x72 goto +0x1 <value.20>
   176: goto +0xa1 <binary.8>
value.20:
; no-read-shadow.yaml:45: - /usr/sbin/chpasswd
   177: if r2 != 0x12 goto +0xb <value.21>
   178: r4 = *(u64 *)(r8 + 0x40)
   179: r5 = 0x6962732f7273752f ll
   181: if r4 != r5 goto +0x7 <value.21>
   182: r4 = *(u64 *)(r8 + 0x48)
   183: r5 = 0x7373617068632f6e ll
   185: if r4 != r5 goto +0x3 <value.21>
   186: r4 = *(u16 *)(r8 + 0x50)
   187: if w4 != 0x6477 goto +0x1 <value.21>
   188: goto +0x95 <binary.8>
value.21:
; no-read-shadow.yaml:46: - /usr/sbin/cron
   189: if r2 != 0xe goto +0x9 <value.22>
   190: r4 = *(u64 *)(r8 + 0x40)
   191: r5 = 0x6962732f7273752f ll
   193: if r4 != r5 goto +0x5 <value.22>
   194: r4 = *(u32 *)(r8 + 0x48)
   195: if w4 != 0x72632f6e goto +0x3 <value.22>
   196: r4 = *(u16 *)(r8 + 0x4c)
   197: if w4 != 0x6e6f goto +0x1 <value.22>
   198: goto +0x8b <binary.8>
value.22:
; no-read-shadow.yaml:47: - /usr/sbin/groupadd
   199: if r2 != 0x12 goto +0xb <value.23>
   200: r4 = *(u64 *)(r8 + 0x40)
   201: r5 = 0x6962732f7273752f ll
   203: if r4 != r5 goto +0x7 <value.23>
   204: r4 = *(u64 *)(r8 + 0x48)
   205: r5 = 0x6170756f72672f6e ll
   207: if r4 != r5 goto +0x3 <value.23>
   208: r4 = *(u16 *)(r8 + 0x50)
   209: if w4 != 0x6464 goto +0x1 <value.23>
   210: goto +0x7f <binary.8>
value.23:
; no-read-shadow.yaml:48: - /usr/sbin/groupdel
   211: if r2 != 0x12 goto +0xb <value.24>
   212: r4 = *(u64 *)(r8 + 0x40)
   213: r5 = 0x6962732f7273752f ll
   215: if r4 != r5 goto +0x7 <value.24>
   216: r4 = *(u64 *)(r8 + 0x48)
   217: r5 = 0x6470756f72672f6e ll
   219: if r4 != r5 goto +0x3 <value.24>
   220: r4 = *(u16 *)(r8 + 0x50)
   221: if w4 != 0x6c65 goto +0x1 <value.24>
   222: goto +0x73 <binary.8>
value.24:
; no-read-shadow.yaml:49: - /usr/sbin/groupmod
   223: if r2 != 0x12 goto +0xb <value.25>
   224: r4 = *(u64 *)(r8 + 0x40)
   225: r5 = 0x6962732f7273752f ll
   227: if r4 != r5 goto +0x7 <value.25>
   228: r4 = *(u64 *)(r8 + 0x48)
   229: r5 = 0x6d70756f72672f6e ll
   231: if r4 != r5 goto +0x3 <value.25>
   232: r4 = *(u16 *)(r8 + 0x50)
   233: if w4 != 0x646f goto +0x1 <value.25>
   234: goto +0x67 <binary.8>
value.25:
; no-read-shadow.yaml:50: - /usr/sbin/grpck
   235: if r2 != 0xf goto +0xb <value.26>
   236: r4 = *(u64 *)(r8 + 0x40)
   237: r5 = 0x6962732f7273752f ll
   239: if r4 != r5 goto +0x7 <value.26>
   240: r4 = *(u32 *)(r8 + 0x48)
   241: if w4 != 0x72672f6e goto +0x5 <value.26>
   242: r4 = *(u16 *)(r8 + 0x4c)
   243: if w4 != 0x6370 goto +0x3 <value.26>
   244: r4 = *(u8 *)(r8 + 0x4e)
   245: if w4 != 0x6b goto +0x1 <value.26>
   246: goto +0x5b <binary.8>
value.26:
; no-read-shadow.yaml:51: - /usr/sbin/pwck
   247: if r2 != 0xe goto +0x9 <value.27>
   248: r4 = *(u64 *)(r8 + 0x40)
   249: r5 = 0x6962732f7273752f ll
   251: if r4 != r5 goto +0x5 <value.27>
   252: r4 = *(u32 *)(r8 + 0x48)
   253: if w4 != 0x77702f6e goto +0x3 <value.27>
   254: r4 = *(u16 *)(r8 + 0x4c)
   255: if w4 != 0x6b63 goto +0x1 <value.27>
   256: goto +0x51 <binary.8>
value.27:
; no-read-shadow.yaml:52: - /usr/sbin/runuser
   257: if r2 != 0x11 goto +0xb <value.28>
   258: r4 = *(u64 *)(r8 + 0x40)
   259: r5 = 0x6962732f7273752f ll
   261: if r4 != r5 goto +0x7 <value.28>
   262: r4 = *(u64 *)(r8 + 0x48)
   263: r5 = 0x6573756e75722f6e ll
   265: if r4 != r5 goto +0x3 <value.28>
   266: r4 = *(u8 *)(r8 + 0x50)
   267: if w4 != 0x72 goto +0x1 <value.28>
   268: goto +0x45 <binary.8>
value.28:
; no-read-shadow.yaml:53: - /usr/sbin/sshd
   269: if r2 != 0xe goto +0x9 <value.29>
   270: r4 = *(u64 *)(r8 + 0x40)
   271: r5 = 0x6962732f7273752f ll
   273: if r4 != r5 goto +0x5 <value.29>
   274: r4 = *(u32 *)(r8 + 0x48)
   275: if w4 != 0x73732f6e goto +0x3 <value.29>
   276: r4 = *(u16 *)(r8 + 0x4c)
   277: if w4 != 0x6468 goto +0x1 <value.29>
   278: goto +0x3b <binary.8>
value.29:
; no-read-shadow.yaml:54: - /usr/sbin/unix_chkpwd
   279: if r2 != 0x15 goto +0xd <value.30>
   280: r4 = *(u64 *)(r8 + 0x40)
   281: r5 = 0x6962732f7273752f ll
   283: if r4 != r5 goto +0x9 <value.30>
   284: r4 = *(u64 *)(r8 + 0x48)
   285: r5 = 0x635f78696e752f6e ll
   287: if r4 != r5 goto +0x5 <value.30>
   288: r4 = *(u32 *)(r8 + 0x50)
   289: if w4 != 0x77706b68 goto +0x3 <value.30>
   290: r4 = *(u8 *)(r8 + 0x54)
   291: if w4 != 0x64 goto +0x1 <value.30>
   292: goto +0x2d <binary.8>
value.30:
; no-read-shadow.yaml:55: - /usr/sbin/useradd
   293: if r2 != 0x11 goto +0xb <value.31>
   294: r4 = *(u64 *)(r8 + 0x40)
   295: r5 = 0x6962732f7273752f ll
   297: if r4 != r5 goto +0x7 <value.31>
   298: r4 = *(u64 *)(r8 + 0x48)
   299: r5 = 0x6461726573752f6e ll
   301: if r4 != r5 goto +0x3 <value.31>
   302: r4 = *(u8 *)(r8 + 0x50)
   303: if w4 != 0x64 goto +0x1 <value.31>
   304: goto +0x21 <binary.8>
value.31:
; no-read-shadow.yaml:56: - /usr/sbin/userdel
   305: if r2 != 0x11 goto +0xb <value.32>
   306: r4 = *(u64 *)(r8 + 0x40)
   307: r5 = 0x6962732f7273752f ll
   309: if r4 != r5 goto +0x7 <value.32>
   310: r4 = *(u64 *)(r8 + 0x48)
   311: r5 = 0x6564726573752f6e ll
   313: if r4 != r5 goto +0x3 <value.32>
   314: r4 = *(u8 *)(r8 + 0x50)
   315: if w4 != 0x6c goto +0x1 <value.32>
   316: goto +0x15 <binary.8>
value.32:
; no-read-shadow.yaml:57: - /usr/sbin/usermod
   317: if r2 != 0x11 goto +0xb <value.33>
   318: r4 = *(u64 *)(r8 + 0x40)
   319: r5 = 0x6962732f7273752f ll
   321: if r4 != r5 goto +0x7 <value.33>
   322: r4 = *(u64 *)(r8 + 0x48)
   323: r5 = 0x6f6d726573752f6e ll
   325: if r4 != r5 goto +0x3 <value.33>
   326: r4 = *(u8 *)(r8 + 0x50)
   327: if w4 != 0x64 goto +0x1 <value.33>
   328: goto +0x9 <binary.8>
value.33:
; no-read-shadow.yaml:58: - /usr/sbin/vipw
   329: if r2 != 0xe goto +0x9 <next.6>
   330: r4 = *(u64 *)(r8 + 0x40)
   331: r5 = 0x6962732f7273752f ll
   333: if r4 != r5 goto +0x5 <next.6>
   334: r4 = *(u32 *)(r8 + 0x48)
   335: if w4 != 0x69762f6e goto +0x3 <next.6>
   336: r4 = *(u16 *)(r8 + 0x4c)
   337: if w4 != 0x7770 goto +0x1 <next.6>
binary.8:
; no-read-shadow.yaml:32: - operator: NotIn
   338: goto +0x3d <selector.4>
next.6:
; no-read-shadow.yaml:24: - index: 0
   339: r1 = r7
   340: r2 = 0x0
   341: r3 = 0x0
   342: call rf_read_file
   343: r9 = r7
   344: r9 += 0x948
   345: if r0 != 0x0 goto +0x34 <unreadable.34>
   346: r4 = *(u32 *)(r9 + 0x0)
   347: if r4 & 0x2 goto +0x34 <selector.4>
   348: r2 = *(u32 *)(r9 + 0x8)
   349: r4 = *(u32 *)(r9 + 0x4)
   350: if r4 > 0x1000 goto +0x2f <unreadable.34>
   351: r3 = r9
   352: r3 += r4
; no-read-shadow.yaml:27: - /etc/shadow
   353: if r2 != 0xb goto +0x9 <value.38>
   354: r4 = *(u64 *)(r3 + 0x28)
   355: r5 = 0x6168732f6374652f ll
   357: if r4 != r5 goto +0x5 <value.38>
   358: r4 = *(u16 *)(r3 + 0x30)
   359: if w4 != 0x6f64 goto +0x3 <value.38>
   360: r4 = *(u8 *)(r3 + 0x32)
   361: if w4 != 0x77 goto +0x1 <value.38>
   362: goto +0x19 <next.35>
value.38:
; no-read-shadow.yaml:28: - /etc/shadow-
   363: if r2 != 0xc goto +0x7 <value.39>
   364: r4 = *(u64 *)(r3 + 0x28)
   365: r5 = 0x6168732f6374652f ll
   367: if r4 != r5 goto +0x3 <value.39>
   368: r4 = *(u32 *)(r3 + 0x30)
   369: if w4 != 0x2d776f64 goto +0x1 <value.39>
   370: goto +0x11 <next.35>
value.39:
; no-read-shadow.yaml:29: - /etc/gshadow
   371: if r2 != 0xc goto +0x7 <value.40>
   372: r4 = *(u64 *)(r3 + 0x28)
   373: r5 = 0x6873672f6374652f ll
   375: if r4 != r5 goto +0x3 <value.40>
   376: r4 = *(u32 *)(r3 + 0x30)
   377: if w4 != 0x776f6461 goto +0x1 <value.40>
   378: goto +0x9 <next.35>
value.40:
; no-read-shadow.yaml:30: - /etc/gshadow-
   379: if r2 != 0xd goto +0x14 <selector.4>
   380: r4 = *(u64 *)(r3 + 0x28)
   381: r5 = 0x6873672f6374652f ll
   383: if r4 != r5 goto +0x10 <selector.4>
   384: r4 = *(u32 *)(r3 + 0x30)
   385: if w4 != 0x776f6461 goto +0xe <selector.4>
   386: r4 = *(u8 *)(r3 + 0x34)
   387: if w4 != 0x2d goto +0xc <selector.4>
next.35:
; no-read-shadow.yaml:61: - action: Override
   388: r9 = 0x500000000 ll
   390: *(u64 *)(r10 - 0x8) = -0xd
   391: r1 = *(u64 *)(r7 + 0xa8)
   392: if r1 == 0x0 goto +0x8 <act.3>
   393: r9 = 0x1000500000000 ll
   395: goto +0x5 <act.3>
unreadable.5:
; no-read-shadow.yaml:32: - operator: NotIn
   396: *(u64 *)(r7 + 0xa8) = 0x1
   397: goto -0x3b <next.6>
unreadable.34:
; no-read-shadow.yaml:24: - index: 0
   398: *(u64 *)(r7 + 0xa8) = 0x1
   399: goto -0xc <next.35>
selector.4:
; no-read-shadow.yaml:15: - hook: file_open
   400: goto +0x15 <policy.2>
act.3:
   401: r1 = r7
   402: r2 = r8
   403: r3 = 0x0
   404: r4 = r9
   405: r5 = *(u64 *)(r10 - 0x8)
   406: call rf_match
   407: r1 = *(u64 *)(r7 + 0xa0)
   408: if r1 != 0x0 goto +0x1 <kept.41>
   409: *(u64 *)(r7 + 0xa0) = r0
kept.41:
   410: r1 = *(u32 *)(r7 + 0x8)
   411: if r1 == 0x0 goto +0xa <policy.2>
   412: r1 = r7
   413: r2 = 0x0
   414: r3 = 0x0
   415: call rf_read_file
   416: r1 = r7
   417: r2 = 0x0
   418: r3 = 0x0
   419: call rf_tell_path
   420: r1 = r7
   421: call rf_tell_end
policy.2:
   422: goto -0x19d <release>

