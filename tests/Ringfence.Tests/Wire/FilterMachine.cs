using System.Buffers.Binary;
using Ringfence.Core.Wire;

namespace Ringfence.Tests.Wire;

/// <summary>What the kernel knows of a packet beside its bytes.</summary>
internal sealed record PacketFacts
{
    public uint Protocol { get; init; } = 0x0800;

    /// <summary>0: for this host; 4: going out.</summary>
    public uint Type { get; init; }

    public uint Interface { get; init; } = 2;

    /// <summary>1: Ethernet; 772: loopback.</summary>
    public uint Hardware { get; init; } = 1;

    public uint? VlanTag { get; init; }
}

/// <summary>Runs a filter as linux/Documentation/networking/filter.rst says the kernel does.</summary>
internal static class FilterMachine
{
    public static bool Passes(IReadOnlyList<FilterInstruction> program, ReadOnlySpan<byte> packet, PacketFacts facts)
    {
        uint a = 0;
        uint x = 0;
        var kept = new uint[16];
        for (var at = 0; at < program.Count; at++)
        {
            var (code, ifTrue, ifFalse, operand) = program[at];
            switch (code)
            {
                case 0x20 or 0x28 or 0x48 or 0x50:
                    if (Load(packet, facts, code, code is 0x48 or 0x50 ? (ulong)x + operand : operand) is not { } loaded)
                    {
                        return false;
                    }

                    a = loaded;
                    break;
                case 0x60:
                    a = kept[operand];
                    break;
                case 0x02:
                    kept[operand] = a;
                    break;
                case 0x01:
                    x = operand;
                    break;
                case 0x07:
                    x = a;
                    break;
                case 0x87:
                    a = x;
                    break;
                case 0x0c:
                    a += x;
                    break;
                case 0x04:
                    a += operand;
                    break;
                case 0x54:
                    a &= operand;
                    break;
                case 0x64:
                    a <<= (int)operand;
                    break;
                case 0x74:
                    a >>= (int)operand;
                    break;
                case 0x05:
                    at += (int)operand;
                    break;
                case 0x15:
                    at += a == operand ? ifTrue : ifFalse;
                    break;
                case 0x45:
                    at += (a & operand) != 0 ? ifTrue : ifFalse;
                    break;
                case 0x06:
                    return operand != 0;
                default:
                    throw new InvalidOperationException($"instruction {at}: {code:x} is none that the kernel is given");
            }
        }

        throw new InvalidOperationException("the program runs over its end");
    }

    private static uint? Load(ReadOnlySpan<byte> packet, PacketFacts facts, ushort code, ulong place)
    {
        if (place >= FilterCode.OfPacket && code == FilterCode.LoadWord)
        {
            return place switch
            {
                FilterCode.Protocol => facts.Protocol,
                FilterCode.PacketType => facts.Type,
                FilterCode.Interface => facts.Interface,
                FilterCode.Hardware => facts.Hardware,
                FilterCode.VlanTag => facts.VlanTag ?? 0,
                FilterCode.HasVlanTag => facts.VlanTag is null ? 0u : 1u,
                _ => throw new InvalidOperationException($"{place:x} is no place"),
            };
        }

        var length = (code & 0x18) switch { 0x10 => 1u, 0x08 => 2u, _ => 4u };
        if (place + length > (ulong)packet.Length)
        {
            return null;
        }

        var bytes = packet[(int)place..];
        return length switch { 1 => bytes[0], 2 => BinaryPrimitives.ReadUInt16BigEndian(bytes), _ => BinaryPrimitives.ReadUInt32BigEndian(bytes) };
    }
}
