namespace Ringfence.Core.Firewall;

/// <summary>The numbers of the kernel's nftables protocol that we speak.</summary>
/// <remarks>linux/netlink.h, linux/netfilter/nfnetlink.h, linux/netfilter/nf_tables.h; they are kernel ABI and never change.</remarks>
internal static class NftProtocol
{
    public const int HeaderBytes = 16;
    public const int FamilyHeaderBytes = 4;
    public const byte FamilyInet = 1;

    public const ushort Error = 2;
    public const ushort Done = 3;

    public const ushort FlagRequest = 0x1;
    public const ushort FlagAck = 0x4;
    public const ushort FlagDumpInterrupted = 0x10;
    public const ushort FlagDump = 0x300;
    public const ushort FlagExclusive = 0x200;
    public const ushort FlagCreate = 0x400;

    /// <summary>Bits 14 and 15 of an attribute's type say "nested" and "network order"; they are no part of the type.</summary>
    public const ushort AttributeTypeMask = 0x3fff;
    public const ushort AttributeNested = 0x8000;

    public const ushort Subsystem = 10;
    public const ushort BatchBegin = 0x10;
    public const ushort BatchEnd = 0x11;

    /// <summary>NFNLGRP_NFTABLES: the multicast group that tells each commit.</summary>
    public const int NotificationGroup = 7;

    public const ushort NewTable = (Subsystem << 8) | 0;
    public const ushort GetTable = (Subsystem << 8) | 1;
    public const ushort DeleteTable = (Subsystem << 8) | 2;
    public const ushort NewChain = (Subsystem << 8) | 3;
    public const ushort GetChain = (Subsystem << 8) | 4;
    public const ushort DeleteChain = (Subsystem << 8) | 5;
    public const ushort NewRule = (Subsystem << 8) | 6;
    public const ushort GetRule = (Subsystem << 8) | 7;
    public const ushort DeleteRule = (Subsystem << 8) | 8;
    public const ushort NewSet = (Subsystem << 8) | 9;
    public const ushort GetSet = (Subsystem << 8) | 10;
    public const ushort DeleteSet = (Subsystem << 8) | 11;
    public const ushort NewElement = (Subsystem << 8) | 12;
    public const ushort GetElement = (Subsystem << 8) | 13;
    public const ushort DeleteElement = (Subsystem << 8) | 14;
    public const ushort NewGeneration = (Subsystem << 8) | 15;
    public const ushort GetGeneration = (Subsystem << 8) | 16;
    public const ushort NewObject = (Subsystem << 8) | 18;
    public const ushort GetObject = (Subsystem << 8) | 19;
    public const ushort DeleteObject = (Subsystem << 8) | 20;

    // The first attribute of every object is the name of its table.
    public const ushort OfTable = 1;

    public const ushort TableFlags = 2;
    public const ushort TableHandle = 4;

    public const ushort ChainName = 3;
    public const ushort ChainHook = 4;
    public const ushort ChainPolicy = 5;
    public const ushort ChainType = 7;

    public const ushort RuleChain = 2;
    public const ushort RuleHandle = 3;
    public const ushort RuleExpressions = 4;

    public const ushort SetName = 2;
    public const ushort SetFlags = 3;
    public const ushort SetKeyType = 4;
    public const ushort SetKeyLength = 5;
    public const ushort SetDescription = 9;
    public const ushort SetTimeout = 11;
    public const ushort SetDescriptionSize = 1;

    public const uint SetIsInterval = 0x4;
    public const uint SetHasTimeout = 0x10;
    public const uint SetIsDynamic = 0x20;

    /// <summary>The numbers by which nft itself marks the types ipv4_addr and ipv6_addr.</summary>
    public const uint TypeIPv4 = 7;
    public const uint TypeIPv6 = 8;

    public const ushort ListTable = 1;
    public const ushort ListSet = 2;
    public const ushort ListElements = 3;
    public const ushort ListItem = 1;

    public const ushort ElementKey = 1;
    public const ushort ElementFlags = 3;
    public const ushort ElementTimeout = 4;
    public const ushort ElementExpiration = 5;
    public const ushort ElementExpression = 7;
    public const ushort ElementObject = 9;
    public const ushort ExpressionData = 2;
    public const uint ElementIsEnd = 0x1;
    public const ushort DataValue = 1;

    public const ushort GenerationId = 1;
    public const ushort GenerationProcess = 2;
    public const ushort GenerationProcessName = 3;

    public const ushort ObjectName = 2;
    public const ushort ObjectType = 3;
    public const ushort ObjectData = 4;
    public const uint ObjectIsCounter = 1;
    public const ushort CounterPackets = 2;
}
