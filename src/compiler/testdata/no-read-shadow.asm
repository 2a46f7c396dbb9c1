lsm/file_open
; no-read-shadow.yaml:15: - hook: file_open
     0: r6 = r1
     1: call rf_process_known
     2: r8 = r0
     3: if r8 == 0x0 goto +0x137 <process open>
     4: r1 = *(u32 *)(r8 + 0x28)
     5: if r1 & 0x1 goto +0x134 <exempt.1>
; no-read-shadow.yaml:32: - operator: NotIn
     6: r1 = *(u32 *)(r8 + 0x28)
     7: if r1 & 0x10 goto +0x133 <process open>
     8: r2 = *(u32 *)(r8 + 0x2c)
; no-read-shadow.yaml:34: - /usr/bin/chage
     9: if r2 != 0xe goto +0x9 <value.6>
    10: r4 = *(u64 *)(r8 + 0x40)
    11: r5 = 0x6e69622f7273752f ll
    13: if r4 != r5 goto +0x5 <value.6>
    14: r4 = *(u32 *)(r8 + 0x48)
    15: if w4 != 0x6168632f goto +0x3 <value.6>
    16: r4 = *(u16 *)(r8 + 0x4c)
    17: if w4 != 0x6567 goto +0x1 <value.6>
    18: goto +0x125 <binary.4>
value.6:
; no-read-shadow.yaml:35: - /usr/bin/gpasswd
    19: if r2 != 0x10 goto +0x9 <value.7>
    20: r4 = *(u64 *)(r8 + 0x40)
    21: r5 = 0x6e69622f7273752f ll
    23: if r4 != r5 goto +0x5 <value.7>
    24: r4 = *(u64 *)(r8 + 0x48)
    25: r5 = 0x647773736170672f ll
    27: if r4 != r5 goto +0x1 <value.7>
    28: goto +0x11b <binary.4>
value.7:
; no-read-shadow.yaml:36: - /usr/bin/login
    29: if r2 != 0xe goto +0x9 <value.8>
    30: r4 = *(u64 *)(r8 + 0x40)
    31: r5 = 0x6e69622f7273752f ll
    33: if r4 != r5 goto +0x5 <value.8>
    34: r4 = *(u32 *)(r8 + 0x48)
    35: if w4 != 0x676f6c2f goto +0x3 <value.8>
    36: r4 = *(u16 *)(r8 + 0x4c)
    37: if w4 != 0x6e69 goto +0x1 <value.8>
    38: goto +0x111 <binary.4>
value.8:
; no-read-shadow.yaml:37: - /usr/bin/newgrp
    39: if r2 != 0xf goto +0xb <value.9>
    40: r4 = *(u64 *)(r8 + 0x40)
    41: r5 = 0x6e69622f7273752f ll
    43: if r4 != r5 goto +0x7 <value.9>
    44: r4 = *(u32 *)(r8 + 0x48)
    45: if w4 != 0x77656e2f goto +0x5 <value.9>
    46: r4 = *(u16 *)(r8 + 0x4c)
    47: if w4 != 0x7267 goto +0x3 <value.9>
    48: r4 = *(u8 *)(r8 + 0x4e)
    49: if w4 != 0x70 goto +0x1 <value.9>
    50: goto +0x105 <binary.4>
value.9:
; no-read-shadow.yaml:38: - /usr/bin/passwd
    51: if r2 != 0xf goto +0xb <value.10>
    52: r4 = *(u64 *)(r8 + 0x40)
    53: r5 = 0x6e69622f7273752f ll
    55: if r4 != r5 goto +0x7 <value.10>
    56: r4 = *(u32 *)(r8 + 0x48)
    57: if w4 != 0x7361702f goto +0x5 <value.10>
    58: r4 = *(u16 *)(r8 + 0x4c)
    59: if w4 != 0x7773 goto +0x3 <value.10>
    60: r4 = *(u8 *)(r8 + 0x4e)
    61: if w4 != 0x64 goto +0x1 <value.10>
    62: goto +0xf9 <binary.4>
value.10:
; no-read-shadow.yaml:39: - /usr/bin/su
    63: if r2 != 0xb goto +0x9 <value.11>
    64: r4 = *(u64 *)(r8 + 0x40)
    65: r5 = 0x6e69622f7273752f ll
    67: if r4 != r5 goto +0x5 <value.11>
    68: r4 = *(u16 *)(r8 + 0x48)
    69: if w4 != 0x732f goto +0x3 <value.11>
    70: r4 = *(u8 *)(r8 + 0x4a)
    71: if w4 != 0x75 goto +0x1 <value.11>
    72: goto +0xef <binary.4>
value.11:
; no-read-shadow.yaml:40: - /usr/bin/sudo
    73: if r2 != 0xd goto +0x9 <value.12>
    74: r4 = *(u64 *)(r8 + 0x40)
    75: r5 = 0x6e69622f7273752f ll
    77: if r4 != r5 goto +0x5 <value.12>
    78: r4 = *(u32 *)(r8 + 0x48)
    79: if w4 != 0x6475732f goto +0x3 <value.12>
    80: r4 = *(u8 *)(r8 + 0x4c)
    81: if w4 != 0x6f goto +0x1 <value.12>
    82: goto +0xe5 <binary.4>
value.12:
; no-read-shadow.yaml:41: - /usr/bin/systemd-sysusers
    83: if r2 != 0x19 goto +0xf <value.13>
    84: r4 = *(u64 *)(r8 + 0x40)
    85: r5 = 0x6e69622f7273752f ll
    87: if r4 != r5 goto +0xb <value.13>
    88: r4 = *(u64 *)(r8 + 0x48)
    89: r5 = 0x646d65747379732f ll
    91: if r4 != r5 goto +0x7 <value.13>
    92: r4 = *(u64 *)(r8 + 0x50)
    93: r5 = 0x726573757379732d ll
    95: if r4 != r5 goto +0x3 <value.13>
    96: r4 = *(u8 *)(r8 + 0x58)
    97: if w4 != 0x73 goto +0x1 <value.13>
    98: goto +0xd5 <binary.4>
value.13:
; no-read-shadow.yaml:42: - /usr/lib/openssh/sshd-session
    99: if r2 != 0x1d goto +0x11 <value.14>
   100: r4 = *(u64 *)(r8 + 0x40)
   101: r5 = 0x62696c2f7273752f ll
   103: if r4 != r5 goto +0xd <value.14>
   104: r4 = *(u64 *)(r8 + 0x48)
   105: r5 = 0x6873736e65706f2f ll
   107: if r4 != r5 goto +0x9 <value.14>
   108: r4 = *(u64 *)(r8 + 0x50)
   109: r5 = 0x65732d646873732f ll
   111: if r4 != r5 goto +0x5 <value.14>
   112: r4 = *(u32 *)(r8 + 0x58)
   113: if w4 != 0x6f697373 goto +0x3 <value.14>
   114: r4 = *(u8 *)(r8 + 0x5c)
   115: if w4 != 0x6e goto +0x1 <value.14>
   116: goto +0xc3 <binary.4>
value.14:
; no-read-shadow.yaml:43: - /usr/lib/systemd/systemd
   117: if r2 != 0x18 goto +0xd <value.15>
   118: r4 = *(u64 *)(r8 + 0x40)
   119: r5 = 0x62696c2f7273752f ll
   121: if r4 != r5 goto +0x9 <value.15>
   122: r4 = *(u64 *)(r8 + 0x48)
   123: r5 = 0x646d65747379732f ll
   125: if r4 != r5 goto +0x5 <value.15>
   126: r4 = *(u64 *)(r8 + 0x50)
   127: r5 = 0x646d65747379732f ll
   129: if r4 != r5 goto +0x1 <value.15>
   130: goto +0xb5 <binary.4>
value.15:
; no-read-shadow.yaml:44: - /usr/lib/systemd/systemd-executor
   131: if r2 != 0x21 goto +0x13 <value.16>
   132: r4 = *(u64 *)(r8 + 0x40)
   133: r5 = 0x62696c2f7273752f ll
   135: if r4 != r5 goto +0xf <value.16>
   136: r4 = *(u64 *)(r8 + 0x48)
   137: r5 = 0x646d65747379732f ll
   139: if r4 != r5 goto +0xb <value.16>
   140: r4 = *(u64 *)(r8 + 0x50)
   141: r5 = 0x646d65747379732f ll
   143: if r4 != r5 goto +0x7 <value.16>
   144: r4 = *(u64 *)(r8 + 0x58)
   145: r5 = 0x6f7475636578652d ll
   147: if r4 != r5 goto +0x3 <value.16>
   148: r4 = *(u8 *)(r8 + 0x60)
   149: if w4 != 0x72 goto +0x1 <value.16>
   150: goto +0xa1 <binary.4>
value.16:
; no-read-shadow.yaml:45: - /usr/sbin/chpasswd
   151: if r2 != 0x12 goto +0xb <value.17>
   152: r4 = *(u64 *)(r8 + 0x40)
   153: r5 = 0x6962732f7273752f ll
   155: if r4 != r5 goto +0x7 <value.17>
   156: r4 = *(u64 *)(r8 + 0x48)
   157: r5 = 0x7373617068632f6e ll
   159: if r4 != r5 goto +0x3 <value.17>
   160: r4 = *(u16 *)(r8 + 0x50)
   161: if w4 != 0x6477 goto +0x1 <value.17>
   162: goto +0x95 <binary.4>
value.17:
; no-read-shadow.yaml:46: - /usr/sbin/cron
   163: if r2 != 0xe goto +0x9 <value.18>
   164: r4 = *(u64 *)(r8 + 0x40)
   165: r5 = 0x6962732f7273752f ll
   167: if r4 != r5 goto +0x5 <value.18>
   168: r4 = *(u32 *)(r8 + 0x48)
   169: if w4 != 0x72632f6e goto +0x3 <value.18>
   170: r4 = *(u16 *)(r8 + 0x4c)
   171: if w4 != 0x6e6f goto +0x1 <value.18>
   172: goto +0x8b <binary.4>
value.18:
; no-read-shadow.yaml:47: - /usr/sbin/groupadd
   173: if r2 != 0x12 goto +0xb <value.19>
   174: r4 = *(u64 *)(r8 + 0x40)
   175: r5 = 0x6962732f7273752f ll
   177: if r4 != r5 goto +0x7 <value.19>
   178: r4 = *(u64 *)(r8 + 0x48)
   179: r5 = 0x6170756f72672f6e ll
   181: if r4 != r5 goto +0x3 <value.19>
   182: r4 = *(u16 *)(r8 + 0x50)
   183: if w4 != 0x6464 goto +0x1 <value.19>
   184: goto +0x7f <binary.4>
value.19:
; no-read-shadow.yaml:48: - /usr/sbin/groupdel
   185: if r2 != 0x12 goto +0xb <value.20>
   186: r4 = *(u64 *)(r8 + 0x40)
   187: r5 = 0x6962732f7273752f ll
   189: if r4 != r5 goto +0x7 <value.20>
   190: r4 = *(u64 *)(r8 + 0x48)
   191: r5 = 0x6470756f72672f6e ll
   193: if r4 != r5 goto +0x3 <value.20>
   194: r4 = *(u16 *)(r8 + 0x50)
   195: if w4 != 0x6c65 goto +0x1 <value.20>
   196: goto +0x73 <binary.4>
value.20:
; no-read-shadow.yaml:49: - /usr/sbin/groupmod
   197: if r2 != 0x12 goto +0xb <value.21>
   198: r4 = *(u64 *)(r8 + 0x40)
   199: r5 = 0x6962732f7273752f ll
   201: if r4 != r5 goto +0x7 <value.21>
   202: r4 = *(u64 *)(r8 + 0x48)
   203: r5 = 0x6d70756f72672f6e ll
   205: if r4 != r5 goto +0x3 <value.21>
   206: r4 = *(u16 *)(r8 + 0x50)
   207: if w4 != 0x646f goto +0x1 <value.21>
   208: goto +0x67 <binary.4>
value.21:
; no-read-shadow.yaml:50: - /usr/sbin/grpck
   209: if r2 != 0xf goto +0xb <value.22>
   210: r4 = *(u64 *)(r8 + 0x40)
   211: r5 = 0x6962732f7273752f ll
   213: if r4 != r5 goto +0x7 <value.22>
   214: r4 = *(u32 *)(r8 + 0x48)
   215: if w4 != 0x72672f6e goto +0x5 <value.22>
   216: r4 = *(u16 *)(r8 + 0x4c)
   217: if w4 != 0x6370 goto +0x3 <value.22>
   218: r4 = *(u8 *)(r8 + 0x4e)
   219: if w4 != 0x6b goto +0x1 <value.22>
   220: goto +0x5b <binary.4>
value.22:
; no-read-shadow.yaml:51: - /usr/sbin/pwck
   221: if r2 != 0xe goto +0x9 <value.23>
   222: r4 = *(u64 *)(r8 + 0x40)
   223: r5 = 0x6962732f7273752f ll
   225: if r4 != r5 goto +0x5 <value.23>
   226: r4 = *(u32 *)(r8 + 0x48)
   227: if w4 != 0x77702f6e goto +0x3 <value.23>
   228: r4 = *(u16 *)(r8 + 0x4c)
   229: if w4 != 0x6b63 goto +0x1 <value.23>
   230: goto +0x51 <binary.4>
value.23:
; no-read-shadow.yaml:52: - /usr/sbin/runuser
   231: if r2 != 0x11 goto +0xb <value.24>
   232: r4 = *(u64 *)(r8 + 0x40)
   233: r5 = 0x6962732f7273752f ll
   235: if r4 != r5 goto +0x7 <value.24>
   236: r4 = *(u64 *)(r8 + 0x48)
   237: r5 = 0x6573756e75722f6e ll
   239: if r4 != r5 goto +0x3 <value.24>
   240: r4 = *(u8 *)(r8 + 0x50)
   241: if w4 != 0x72 goto +0x1 <value.24>
   242: goto +0x45 <binary.4>
value.24:
; no-read-shadow.yaml:53: - /usr/sbin/sshd
   243: if r2 != 0xe goto +0x9 <value.25>
   244: r4 = *(u64 *)(r8 + 0x40)
   245: r5 = 0x6962732f7273752f ll
   247: if r4 != r5 goto +0x5 <value.25>
   248: r4 = *(u32 *)(r8 + 0x48)
   249: if w4 != 0x73732f6e goto +0x3 <value.25>
   250: r4 = *(u16 *)(r8 + 0x4c)
   251: if w4 != 0x6468 goto +0x1 <value.25>
   252: goto +0x3b <binary.4>
value.25:
; no-read-shadow.yaml:54: - /usr/sbin/unix_chkpwd
   253: if r2 != 0x15 goto +0xd <value.26>
   254: r4 = *(u64 *)(r8 + 0x40)
   255: r5 = 0x6962732f7273752f ll
   257: if r4 != r5 goto +0x9 <value.26>
   258: r4 = *(u64 *)(r8 + 0x48)
   259: r5 = 0x635f78696e752f6e ll
   261: if r4 != r5 goto +0x5 <value.26>
   262: r4 = *(u32 *)(r8 + 0x50)
   263: if w4 != 0x77706b68 goto +0x3 <value.26>
   264: r4 = *(u8 *)(r8 + 0x54)
   265: if w4 != 0x64 goto +0x1 <value.26>
   266: goto +0x2d <binary.4>
value.26:
; no-read-shadow.yaml:55: - /usr/sbin/useradd
   267: if r2 != 0x11 goto +0xb <value.27>
   268: r4 = *(u64 *)(r8 + 0x40)
   269: r5 = 0x6962732f7273752f ll
   271: if r4 != r5 goto +0x7 <value.27>
   272: r4 = *(u64 *)(r8 + 0x48)
   273: r5 = 0x6461726573752f6e ll
   275: if r4 != r5 goto +0x3 <value.27>
   276: r4 = *(u8 *)(r8 + 0x50)
   277: if w4 != 0x64 goto +0x1 <value.27>
   278: goto +0x21 <binary.4>
value.27:
; no-read-shadow.yaml:56: - /usr/sbin/userdel
   279: if r2 != 0x11 goto +0xb <value.28>
   280: r4 = *(u64 *)(r8 + 0x40)
   281: r5 = 0x6962732f7273752f ll
   283: if r4 != r5 goto +0x7 <value.28>
   284: r4 = *(u64 *)(r8 + 0x48)
   285: r5 = 0x6564726573752f6e ll
   287: if r4 != r5 goto +0x3 <value.28>
   288: r4 = *(u8 *)(r8 + 0x50)
   289: if w4 != 0x6c goto +0x1 <value.28>
   290: goto +0x15 <binary.4>
value.28:
; no-read-shadow.yaml:57: - /usr/sbin/usermod
   291: if r2 != 0x11 goto +0xb <value.29>
   292: r4 = *(u64 *)(r8 + 0x40)
   293: r5 = 0x6962732f7273752f ll
   295: if r4 != r5 goto +0x7 <value.29>
   296: r4 = *(u64 *)(r8 + 0x48)
   297: r5 = 0x6f6d726573752f6e ll
   299: if r4 != r5 goto +0x3 <value.29>
   300: r4 = *(u8 *)(r8 + 0x50)
   301: if w4 != 0x64 goto +0x1 <value.29>
   302: goto +0x9 <binary.4>
value.29:
; no-read-shadow.yaml:58: - /usr/sbin/vipw
   303: if r2 != 0xe goto +0x9 <not.3>
   304: r4 = *(u64 *)(r8 + 0x40)
   305: r5 = 0x6962732f7273752f ll
   307: if r4 != r5 goto +0x5 <not.3>
   308: r4 = *(u32 *)(r8 + 0x48)
   309: if w4 != 0x69762f6e goto +0x3 <not.3>
   310: r4 = *(u16 *)(r8 + 0x4c)
   311: if w4 != 0x7770 goto +0x1 <not.3>
binary.4:
; no-read-shadow.yaml:32: - operator: NotIn
   312: goto +0x1 <exempt.1>
not.3:
; no-read-shadow.yaml:15: - hook: file_open
   313: goto +0x1 <process open>
exempt.1:
   314: goto +0x2b <past>
process open:
   315: r1 = *(u64 *)(r6 + 0x0)
   316: r2 = r10
   317: r2 += -0x30
   318: r3 = 0x1
   319: call rf_ends_of_file
   320: if r0 != 0x0 goto +0x24 <ends open>
   321: r2 = *(u64 *)(r10 - 0x30)
   322: r4 = -0x1 ll
   324: r3 = r2
   325: r3 &= r4
; no-read-shadow.yaml:28: - /etc/shadow-
   326: r5 = 0x6168732f6374652f ll
   328: if r3 == r5 goto +0x4 <begun.32>
; no-read-shadow.yaml:30: - /etc/gshadow-
   329: r5 = 0x6873672f6374652f ll
   331: if r3 == r5 goto +0x1 <begun.32>
   332: goto +0x17 <branch.30>
begun.32:
   333: r2 = *(u64 *)(r10 - 0x28)
   334: r4 = -0x1 ll
   336: r3 = *(u64 *)(r10 - 0x20)
   337: r4 &= r3
   338: r3 = r2
   339: r3 &= r4
; no-read-shadow.yaml:27: - /etc/shadow
   340: r5 = 0x776f646168732f63 ll
   342: r5 &= r4
   343: if r3 == r5 goto +0xd <ends open>
; no-read-shadow.yaml:28: - /etc/shadow-
   344: r5 = 0x2d776f646168732f ll
   346: r5 &= r4
   347: if r3 == r5 goto +0x9 <ends open>
; no-read-shadow.yaml:29: - /etc/gshadow
   348: r5 = 0x776f64616873672f ll
   350: r5 &= r4
   351: if r3 == r5 goto +0x5 <ends open>
; no-read-shadow.yaml:30: - /etc/gshadow-
   352: r5 = 0x2d776f6461687367 ll
   354: r5 &= r4
   355: if r3 == r5 goto +0x1 <ends open>
branch.30:
; no-read-shadow.yaml:15: - hook: file_open
   356: goto +0x1 <past>
ends open:
   357: goto +0x2 <in>
past:
   358: r0 = 0x0
   359: exit
in:
   360: call rf_scratch_claim
   361: if r0 != 0x0 goto +0x19 <scratch>
   362: r9 = 0x0
   363: r1 = 0x0
   364: r2 = -0xd
   365: call rf_fail_closed
   366: if r9 != 0x0 goto +0x1 <kept.33>
   367: r9 = r0
kept.33:
   368: r0 = r9
   369: r0 <<= 0x20
   370: r0 s>>= 0x20
   371: if r0 s> 0x0 goto +0x2 <clamp.34>
   372: if r0 s< -0xfff goto +0x1 <clamp.34>
   373: exit
clamp.34:
   374: r0 = -0x1
   375: exit
release:
   376: r9 = *(u64 *)(r7 + 0xa8)
   377: r1 = r7
   378: call rf_scratch_release
   379: r0 = r9
   380: r0 <<= 0x20
   381: r0 s>>= 0x20
   382: if r0 s> 0x0 goto +0x2 <clamp.35>
   383: if r0 s< -0xfff goto +0x1 <clamp.35>
   384: exit
clamp.35:
   385: r0 = -0x1
   386: exit
scratch:
   387: r7 = r0
   388: *(u64 *)(r7 + 0xa8) = 0x0
   389: *(u64 *)(r7 + 0xa0) = 0x0
   390: *(u32 *)(r7 + 0x10) = 0x7d68b606
   391: if r8 != 0x0 goto +0x5 <known>
   392: r1 = r7
   393: call rf_process_current
   394: r8 = r0
   395: r1 = *(u32 *)(r8 + 0x28)
   396: if r1 & 0x1 goto -0x15 <release>
known:
   397: r1 = *(u64 *)(r6 + 0x0)
   398: *(u64 *)(r7 + 0x20) = r1
; no-read-shadow.yaml:23: - matchArgs:
   399: *(u64 *)(r7 + 0xb0) = 0x0
; no-read-shadow.yaml:32: - operator: NotIn
   400: r1 = *(u32 *)(r8 + 0x28)
   401: if r1 & 0x10 goto +0x16a <unreadable.39>
   402: r2 = *(u32 *)(r8 + 0x2c)
; no-read-shadow.yaml:34: - /usr/bin/chage
   403: if r2 != 0xe goto +0x9 <value.44>
   404: r4 = *(u64 *)(r8 + 0x40)
   405: r5 = 0x6e69622f7273752f ll
   407: if r4 != r5 goto +0x5 <value.44>
   408: r4 = *(u32 *)(r8 + 0x48)
   409: if w4 != 0x6168632f goto +0x3 <value.44>
   410: r4 = *(u16 *)(r8 + 0x4c)
   411: if w4 != 0x6567 goto +0x1 <value.44>
   412: goto +0x125 <binary.42>
value.44:
; no-read-shadow.yaml:35: - /usr/bin/gpasswd
   413: if r2 != 0x10 goto +0x9 <value.45>
   414: r4 = *(u64 *)(r8 + 0x40)
   415: r5 = 0x6e69622f7273752f ll
   417: if r4 != r5 goto +0x5 <value.45>
   418: r4 = *(u64 *)(r8 + 0x48)
   419: r5 = 0x647773736170672f ll
   421: if r4 != r5 goto +0x1 <value.45>
   422: goto +0x11b <binary.42>
value.45:
; no-read-shadow.yaml:36: - /usr/bin/login
   423: if r2 != 0xe goto +0x9 <value.46>
   424: r4 = *(u64 *)(r8 + 0x40)
   425: r5 = 0x6e69622f7273752f ll
   427: if r4 != r5 goto +0x5 <value.46>
   428: r4 = *(u32 *)(r8 + 0x48)
   429: if w4 != 0x676f6c2f goto +0x3 <value.46>
   430: r4 = *(u16 *)(r8 + 0x4c)
   431: if w4 != 0x6e69 goto +0x1 <value.46>
   432: goto +0x111 <binary.42>
value.46:
; no-read-shadow.yaml:37: - /usr/bin/newgrp
   433: if r2 != 0xf goto +0xb <value.47>
   434: r4 = *(u64 *)(r8 + 0x40)
   435: r5 = 0x6e69622f7273752f ll
   437: if r4 != r5 goto +0x7 <value.47>
   438: r4 = *(u32 *)(r8 + 0x48)
   439: if w4 != 0x77656e2f goto +0x5 <value.47>
   440: r4 = *(u16 *)(r8 + 0x4c)
   441: if w4 != 0x7267 goto +0x3 <value.47>
   442: r4 = *(u8 *)(r8 + 0x4e)
   443: if w4 != 0x70 goto +0x1 <value.47>
   444: goto +0x105 <binary.42>
value.47:
; no-read-shadow.yaml:38: - /usr/bin/passwd
   445: if r2 != 0xf goto +0xb <value.48>
   446: r4 = *(u64 *)(r8 + 0x40)
   447: r5 = 0x6e69622f7273752f ll
   449: if r4 != r5 goto +0x7 <value.48>
   450: r4 = *(u32 *)(r8 + 0x48)
   451: if w4 != 0x7361702f goto +0x5 <value.48>
   452: r4 = *(u16 *)(r8 + 0x4c)
   453: if w4 != 0x7773 goto +0x3 <value.48>
   454: r4 = *(u8 *)(r8 + 0x4e)
   455: if w4 != 0x64 goto +0x1 <value.48>
   456: goto +0xf9 <binary.42>
value.48:
; no-read-shadow.yaml:39: - /usr/bin/su
   457: if r2 != 0xb goto +0x9 <value.49>
   458: r4 = *(u64 *)(r8 + 0x40)
   459: r5 = 0x6e69622f7273752f ll
   461: if r4 != r5 goto +0x5 <value.49>
   462: r4 = *(u16 *)(r8 + 0x48)
   463: if w4 != 0x732f goto +0x3 <value.49>
   464: r4 = *(u8 *)(r8 + 0x4a)
   465: if w4 != 0x75 goto +0x1 <value.49>
   466: goto +0xef <binary.42>
value.49:
; no-read-shadow.yaml:40: - /usr/bin/sudo
   467: if r2 != 0xd goto +0x9 <value.50>
   468: r4 = *(u64 *)(r8 + 0x40)
   469: r5 = 0x6e69622f7273752f ll
   471: if r4 != r5 goto +0x5 <value.50>
   472: r4 = *(u32 *)(r8 + 0x48)
   473: if w4 != 0x6475732f goto +0x3 <value.50>
   474: r4 = *(u8 *)(r8 + 0x4c)
   475: if w4 != 0x6f goto +0x1 <value.50>
   476: goto +0xe5 <binary.42>
value.50:
; no-read-shadow.yaml:41: - /usr/bin/systemd-sysusers
   477: if r2 != 0x19 goto +0xf <value.51>
   478: r4 = *(u64 *)(r8 + 0x40)
   479: r5 = 0x6e69622f7273752f ll
   481: if r4 != r5 goto +0xb <value.51>
   482: r4 = *(u64 *)(r8 + 0x48)
   483: r5 = 0x646d65747379732f ll
   485: if r4 != r5 goto +0x7 <value.51>
   486: r4 = *(u64 *)(r8 + 0x50)
   487: r5 = 0x726573757379732d ll
   489: if r4 != r5 goto +0x3 <value.51>
   490: r4 = *(u8 *)(r8 + 0x58)
   491: if w4 != 0x73 goto +0x1 <value.51>
   492: goto +0xd5 <binary.42>
value.51:
; no-read-shadow.yaml:42: - /usr/lib/openssh/sshd-session
   493: if r2 != 0x1d goto +0x11 <value.52>
   494: r4 = *(u64 *)(r8 + 0x40)
   495: r5 = 0x62696c2f7273752f ll
   497: if r4 != r5 goto +0xd <value.52>
   498: r4 = *(u64 *)(r8 + 0x48)
   499: r5 = 0x6873736e65706f2f ll
   501: if r4 != r5 goto +0x9 <value.52>
   502: r4 = *(u64 *)(r8 + 0x50)
   503: r5 = 0x65732d646873732f ll
   505: if r4 != r5 goto +0x5 <value.52>
   506: r4 = *(u32 *)(r8 + 0x58)
   507: if w4 != 0x6f697373 goto +0x3 <value.52>
   508: r4 = *(u8 *)(r8 + 0x5c)
   509: if w4 != 0x6e goto +0x1 <value.52>
   510: goto +0xc3 <binary.42>
value.52:
; no-read-shadow.yaml:43: - /usr/lib/systemd/systemd
   511: if r2 != 0x18 goto +0xd <value.53>
   512: r4 = *(u64 *)(r8 + 0x40)
   513: r5 = 0x62696c2f7273752f ll
   515: if r4 != r5 goto +0x9 <value.53>
   516: r4 = *(u64 *)(r8 + 0x48)
   517: r5 = 0x646d65747379732f ll
   519: if r4 != r5 goto +0x5 <value.53>
   520: r4 = *(u64 *)(r8 + 0x50)
   521: r5 = 0x646d65747379732f ll
   523: if r4 != r5 goto +0x1 <value.53>
   524: goto +0xb5 <binary.42>
value.53:
; no-read-shadow.yaml:44: - /usr/lib/systemd/systemd-executor
   525: if r2 != 0x21 goto +0x13 <value.54>
   526: r4 = *(u64 *)(r8 + 0x40)
   527: r5 = 0x62696c2f7273752f ll
   529: if r4 != r5 goto +0xf <value.54>
   530: r4 = *(u64 *)(r8 + 0x48)
   531: r5 = 0x646d65747379732f ll
   533: if r4 != r5 goto +0xb <value.54>
   534: r4 = *(u64 *)(r8 + 0x50)
   535: r5 = 0x646d65747379732f ll
   537: if r4 != r5 goto +0x7 <value.54>
   538: r4 = *(u64 *)(r8 + 0x58)
   539: r5 = 0x6f7475636578652d ll
   541: if r4 != r5 goto +0x3 <value.54>
   542: r4 = *(u8 *)(r8 + 0x60)
   543: if w4 != 0x72 goto +0x1 <value.54>
   544: goto +0xa1 <binary.42>
value.54:
; no-read-shadow.yaml:45: - /usr/sbin/chpasswd
   545: if r2 != 0x12 goto +0xb <value.55>
   546: r4 = *(u64 *)(r8 + 0x40)
   547: r5 = 0x6962732f7273752f ll
   549: if r4 != r5 goto +0x7 <value.55>
   550: r4 = *(u64 *)(r8 + 0x48)
   551: r5 = 0x7373617068632f6e ll
   553: if r4 != r5 goto +0x3 <value.55>
   554: r4 = *(u16 *)(r8 + 0x50)
   555: if w4 != 0x6477 goto +0x1 <value.55>
   556: goto +0x95 <binary.42>
value.55:
; no-read-shadow.yaml:46: - /usr/sbin/cron
   557: if r2 != 0xe goto +0x9 <value.56>
   558: r4 = *(u64 *)(r8 + 0x40)
   559: r5 = 0x6962732f7273752f ll
   561: if r4 != r5 goto +0x5 <value.56>
   562: r4 = *(u32 *)(r8 + 0x48)
   563: if w4 != 0x72632f6e goto +0x3 <value.56>
   564: r4 = *(u16 *)(r8 + 0x4c)
   565: if w4 != 0x6e6f goto +0x1 <value.56>
   566: goto +0x8b <binary.42>
value.56:
; no-read-shadow.yaml:47: - /usr/sbin/groupadd
   567: if r2 != 0x12 goto +0xb <value.57>
   568: r4 = *(u64 *)(r8 + 0x40)
   569: r5 = 0x6962732f7273752f ll
   571: if r4 != r5 goto +0x7 <value.57>
   572: r4 = *(u64 *)(r8 + 0x48)
   573: r5 = 0x6170756f72672f6e ll
   575: if r4 != r5 goto +0x3 <value.57>
   576: r4 = *(u16 *)(r8 + 0x50)
   577: if w4 != 0x6464 goto +0x1 <value.57>
   578: goto +0x7f <binary.42>
value.57:
; no-read-shadow.yaml:48: - /usr/sbin/groupdel
   579: if r2 != 0x12 goto +0xb <value.58>
   580: r4 = *(u64 *)(r8 + 0x40)
   581: r5 = 0x6962732f7273752f ll
   583: if r4 != r5 goto +0x7 <value.58>
   584: r4 = *(u64 *)(r8 + 0x48)
   585: r5 = 0x6470756f72672f6e ll
   587: if r4 != r5 goto +0x3 <value.58>
   588: r4 = *(u16 *)(r8 + 0x50)
   589: if w4 != 0x6c65 goto +0x1 <value.58>
   590: goto +0x73 <binary.42>
value.58:
; no-read-shadow.yaml:49: - /usr/sbin/groupmod
   591: if r2 != 0x12 goto +0xb <value.59>
   592: r4 = *(u64 *)(r8 + 0x40)
   593: r5 = 0x6962732f7273752f ll
   595: if r4 != r5 goto +0x7 <value.59>
   596: r4 = *(u64 *)(r8 + 0x48)
   597: r5 = 0x6d70756f72672f6e ll
   599: if r4 != r5 goto +0x3 <value.59>
   600: r4 = *(u16 *)(r8 + 0x50)
   601: if w4 != 0x646f goto +0x1 <value.59>
   602: goto +0x67 <binary.42>
value.59:
; no-read-shadow.yaml:50: - /usr/sbin/grpck
   603: if r2 != 0xf goto +0xb <value.60>
   604: r4 = *(u64 *)(r8 + 0x40)
   605: r5 = 0x6962732f7273752f ll
   607: if r4 != r5 goto +0x7 <value.60>
   608: r4 = *(u32 *)(r8 + 0x48)
   609: if w4 != 0x72672f6e goto +0x5 <value.60>
   610: r4 = *(u16 *)(r8 + 0x4c)
   611: if w4 != 0x6370 goto +0x3 <value.60>
   612: r4 = *(u8 *)(r8 + 0x4e)
   613: if w4 != 0x6b goto +0x1 <value.60>
   614: goto +0x5b <binary.42>
value.60:
; no-read-shadow.yaml:51: - /usr/sbin/pwck
   615: if r2 != 0xe goto +0x9 <value.61>
   616: r4 = *(u64 *)(r8 + 0x40)
   617: r5 = 0x6962732f7273752f ll
   619: if r4 != r5 goto +0x5 <value.61>
   620: r4 = *(u32 *)(r8 + 0x48)
   621: if w4 != 0x77702f6e goto +0x3 <value.61>
   622: r4 = *(u16 *)(r8 + 0x4c)
   623: if w4 != 0x6b63 goto +0x1 <value.61>
   624: goto +0x51 <binary.42>
value.61:
; no-read-shadow.yaml:52: - /usr/sbin/runuser
   625: if r2 != 0x11 goto +0xb <value.62>
   626: r4 = *(u64 *)(r8 + 0x40)
   627: r5 = 0x6962732f7273752f ll
   629: if r4 != r5 goto +0x7 <value.62>
   630: r4 = *(u64 *)(r8 + 0x48)
   631: r5 = 0x6573756e75722f6e ll
   633: if r4 != r5 goto +0x3 <value.62>
   634: r4 = *(u8 *)(r8 + 0x50)
   635: if w4 != 0x72 goto +0x1 <value.62>
   636: goto +0x45 <binary.42>
value.62:
; no-read-shadow.yaml:53: - /usr/sbin/sshd
   637: if r2 != 0xe goto +0x9 <value.63>
   638: r4 = *(u64 *)(r8 + 0x40)
   639: r5 = 0x6962732f7273752f ll
   641: if r4 != r5 goto +0x5 <value.63>
   642: r4 = *(u32 *)(r8 + 0x48)
   643: if w4 != 0x73732f6e goto +0x3 <value.63>
   644: r4 = *(u16 *)(r8 + 0x4c)
   645: if w4 != 0x6468 goto +0x1 <value.63>
   646: goto +0x3b <binary.42>
value.63:
; no-read-shadow.yaml:54: - /usr/sbin/unix_chkpwd
   647: if r2 != 0x15 goto +0xd <value.64>
   648: r4 = *(u64 *)(r8 + 0x40)
   649: r5 = 0x6962732f7273752f ll
   651: if r4 != r5 goto +0x9 <value.64>
   652: r4 = *(u64 *)(r8 + 0x48)
   653: r5 = 0x635f78696e752f6e ll
   655: if r4 != r5 goto +0x5 <value.64>
   656: r4 = *(u32 *)(r8 + 0x50)
   657: if w4 != 0x77706b68 goto +0x3 <value.64>
   658: r4 = *(u8 *)(r8 + 0x54)
   659: if w4 != 0x64 goto +0x1 <value.64>
   660: goto +0x2d <binary.42>
value.64:
; no-read-shadow.yaml:55: - /usr/sbin/useradd
   661: if r2 != 0x11 goto +0xb <value.65>
   662: r4 = *(u64 *)(r8 + 0x40)
   663: r5 = 0x6962732f7273752f ll
   665: if r4 != r5 goto +0x7 <value.65>
   666: r4 = *(u64 *)(r8 + 0x48)
   667: r5 = 0x6461726573752f6e ll
   669: if r4 != r5 goto +0x3 <value.65>
   670: r4 = *(u8 *)(r8 + 0x50)
   671: if w4 != 0x64 goto +0x1 <value.65>
   672: goto +0x21 <binary.42>
value.65:
; no-read-shadow.yaml:56: - /usr/sbin/userdel
   673: if r2 != 0x11 goto +0xb <value.66>
   674: r4 = *(u64 *)(r8 + 0x40)
   675: r5 = 0x6962732f7273752f ll
   677: if r4 != r5 goto +0x7 <value.66>
   678: r4 = *(u64 *)(r8 + 0x48)
   679: r5 = 0x6564726573752f6e ll
   681: if r4 != r5 goto +0x3 <value.66>
   682: r4 = *(u8 *)(r8 + 0x50)
   683: if w4 != 0x6c goto +0x1 <value.66>
   684: goto +0x15 <binary.42>
value.66:
; no-read-shadow.yaml:57: - /usr/sbin/usermod
   685: if r2 != 0x11 goto +0xb <value.67>
   686: r4 = *(u64 *)(r8 + 0x40)
   687: r5 = 0x6962732f7273752f ll
   689: if r4 != r5 goto +0x7 <value.67>
   690: r4 = *(u64 *)(r8 + 0x48)
   691: r5 = 0x6f6d726573752f6e ll
   693: if r4 != r5 goto +0x3 <value.67>
   694: r4 = *(u8 *)(r8 + 0x50)
   695: if w4 != 0x64 goto +0x1 <value.67>
   696: goto +0x9 <binary.42>
value.67:
; no-read-shadow.yaml:58: - /usr/sbin/vipw
   697: if r2 != 0xe goto +0x9 <next.40>
   698: r4 = *(u64 *)(r8 + 0x40)
   699: r5 = 0x6962732f7273752f ll
   701: if r4 != r5 goto +0x5 <next.40>
   702: r4 = *(u32 *)(r8 + 0x48)
   703: if w4 != 0x69762f6e goto +0x3 <next.40>
   704: r4 = *(u16 *)(r8 + 0x4c)
   705: if w4 != 0x7770 goto +0x1 <next.40>
binary.42:
; no-read-shadow.yaml:32: - operator: NotIn
   706: goto +0x3d <selector.38>
next.40:
; no-read-shadow.yaml:24: - index: 0
   707: r1 = r7
   708: r2 = 0x0
   709: r3 = 0x0
   710: call rf_read_file
   711: r9 = r7
   712: r9 += 0x9f0
   713: if r0 != 0x0 goto +0x34 <unreadable.68>
   714: r4 = *(u32 *)(r9 + 0x0)
   715: if r4 & 0x2 goto +0x34 <selector.38>
   716: r2 = *(u32 *)(r9 + 0x8)
   717: r4 = *(u32 *)(r9 + 0x4)
   718: if r4 > 0x1000 goto +0x2f <unreadable.68>
   719: r3 = r9
   720: r3 += r4
; no-read-shadow.yaml:27: - /etc/shadow
   721: if r2 != 0xb goto +0x9 <value.72>
   722: r4 = *(u64 *)(r3 + 0x30)
   723: r5 = 0x6168732f6374652f ll
   725: if r4 != r5 goto +0x5 <value.72>
   726: r4 = *(u16 *)(r3 + 0x38)
   727: if w4 != 0x6f64 goto +0x3 <value.72>
   728: r4 = *(u8 *)(r3 + 0x3a)
   729: if w4 != 0x77 goto +0x1 <value.72>
   730: goto +0x19 <next.69>
value.72:
; no-read-shadow.yaml:28: - /etc/shadow-
   731: if r2 != 0xc goto +0x7 <value.73>
   732: r4 = *(u64 *)(r3 + 0x30)
   733: r5 = 0x6168732f6374652f ll
   735: if r4 != r5 goto +0x3 <value.73>
   736: r4 = *(u32 *)(r3 + 0x38)
   737: if w4 != 0x2d776f64 goto +0x1 <value.73>
   738: goto +0x11 <next.69>
value.73:
; no-read-shadow.yaml:29: - /etc/gshadow
   739: if r2 != 0xc goto +0x7 <value.74>
   740: r4 = *(u64 *)(r3 + 0x30)
   741: r5 = 0x6873672f6374652f ll
   743: if r4 != r5 goto +0x3 <value.74>
   744: r4 = *(u32 *)(r3 + 0x38)
   745: if w4 != 0x776f6461 goto +0x1 <value.74>
   746: goto +0x9 <next.69>
value.74:
; no-read-shadow.yaml:30: - /etc/gshadow-
   747: if r2 != 0xd goto +0x14 <selector.38>
   748: r4 = *(u64 *)(r3 + 0x30)
   749: r5 = 0x6873672f6374652f ll
   751: if r4 != r5 goto +0x10 <selector.38>
   752: r4 = *(u32 *)(r3 + 0x38)
   753: if w4 != 0x776f6461 goto +0xe <selector.38>
   754: r4 = *(u8 *)(r3 + 0x3c)
   755: if w4 != 0x2d goto +0xc <selector.38>
next.69:
; no-read-shadow.yaml:61: - action: Override
   756: r9 = 0x500000000 ll
   758: *(u64 *)(r10 - 0x8) = -0xd
   759: r1 = *(u64 *)(r7 + 0xb0)
   760: if r1 == 0x0 goto +0x8 <act.37>
   761: r9 = 0x1000500000000 ll
   763: goto +0x5 <act.37>
unreadable.39:
; no-read-shadow.yaml:32: - operator: NotIn
   764: *(u64 *)(r7 + 0xb0) = 0x1
   765: goto -0x3b <next.40>
unreadable.68:
; no-read-shadow.yaml:24: - index: 0
   766: *(u64 *)(r7 + 0xb0) = 0x1
   767: goto -0xc <next.69>
selector.38:
; no-read-shadow.yaml:15: - hook: file_open
   768: goto +0x15 <policy.36>
act.37:
   769: r1 = r7
   770: r2 = r8
   771: r3 = 0x0
   772: r4 = r9
   773: r5 = *(u64 *)(r10 - 0x8)
   774: call rf_match
   775: r1 = *(u64 *)(r7 + 0xa8)
   776: if r1 != 0x0 goto +0x1 <kept.75>
   777: *(u64 *)(r7 + 0xa8) = r0
kept.75:
   778: r1 = *(u32 *)(r7 + 0x8)
   779: if r1 == 0x0 goto +0xa <policy.36>
   780: r1 = r7
   781: r2 = 0x0
   782: r3 = 0x0
   783: call rf_read_file
   784: r1 = r7
   785: r2 = 0x0
   786: r3 = 0x0
   787: call rf_tell_path
   788: r1 = r7
   789: call rf_tell_end
policy.36:
   790: r9 = *(u64 *)(r7 + 0xa8)
   791: r1 = r7
   792: call rf_scratch_release
   793: r0 = r9
   794: r0 <<= 0x20
   795: r0 s>>= 0x20
   796: if r0 s> 0x0 goto +0x2 <clamp.76>
   797: if r0 s< -0xfff goto +0x1 <clamp.76>
   798: exit
clamp.76:
   799: r0 = -0x1
   800: exit

