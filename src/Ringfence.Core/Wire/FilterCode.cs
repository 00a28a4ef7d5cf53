namespace Ringfence.Core.Wire;

/// <summary>What instructions of the kernel's classic packet filter do: linux/bpf_common.h and linux/filter.h.</summary>
internal static class FilterCode
{
    /// <summary>A = the operand's place, as seen from the first byte of the network header; big endian. A place that the packet does not have ends the filter with 0.</summary>
    public const ushort LoadHalf = 0x28;

    public const ushort LoadWord = 0x20;

    /// <summary>As <see cref="LoadHalf"/>, from X on.</summary>
    public const ushort LoadHalfAtX = 0x48;

    public const ushort LoadByteAtX = 0x50;

    /// <summary>A = one of the sixteen words that the filter may keep.</summary>
    public const ushort LoadKept = 0x60;

    public const ushort Keep = 0x02;

    /// <summary>X = the operand.</summary>
    public const ushort SetX = 0x01;

    public const ushort AddX = 0x0c;
    public const ushort Add = 0x04;
    public const ushort And = 0x54;
    public const ushort ShiftLeft = 0x64;
    public const ushort ShiftRight = 0x74;

    /// <summary>X = A.</summary>
    public const ushort ToX = 0x07;

    /// <summary>A = X.</summary>
    public const ushort FromX = 0x87;

    public const ushort Jump = 0x05;
    public const ushort JumpIfEqual = 0x15;

    /// <summary>Where A and the operand have a bit in common.</summary>
    public const ushort JumpIfAny = 0x45;

    /// <summary>Ends: so many bytes of the packet are wanted; 0: none, it is dropped.</summary>
    public const ushort Return = 0x06;

    /// <summary>What the kernel knows of a packet beside its bytes stands at these places (SKF_AD_OFF, with its SKF_AD_ numbers).</summary>
    public const uint OfPacket = 0xffff_f000;

    public const uint Protocol = OfPacket;
    public const uint PacketType = OfPacket + 4;
    public const uint Interface = OfPacket + 8;
    public const uint Hardware = OfPacket + 28;
    public const uint VlanTag = OfPacket + 44;
    public const uint HasVlanTag = OfPacket + 48;
}
