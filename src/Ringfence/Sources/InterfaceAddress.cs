using System.Numerics;
using System.Runtime.InteropServices;
using Ringfence.Core.Events;

namespace Ringfence.Sources;

/// <summary>An address at which this machine is itself, as the kernel has it now.</summary>
/// <remarks>
/// getifaddrs(3): two questions to the kernel. .NET's NetworkInterface reads files of each interface too, and throws when one goes away meanwhile.
/// </remarks>
internal readonly unsafe partial record struct InterfaceAddress(string Interface, Address Address, int PrefixLength)
{
    // linux/socket.h, on every architecture.
    private const ushort IPv4 = 2;
    private const ushort IPv6 = 10;

    /// <returns>Of all interfaces, loopback too; null: the kernel was not to be asked.</returns>
    public static List<InterfaceAddress>? ReadAll()
    {
        Entry* first;
        if (GetAddresses(&first) != 0)
        {
            return null;
        }

        try
        {
            var found = new List<InterfaceAddress>();
            for (var entry = first; entry is not null; entry = entry->Next)
            {
                if (AddressAt(entry->Address) is { } address)
                {
                    var mask = AddressAt(entry->Mask);
                    found.Add(new InterfaceAddress(Marshal.PtrToStringUTF8((nint)entry->Name) ?? "", address, Length(address, mask)));
                }
            }

            return found;
        }
        finally
        {
            FreeAddresses(first);
        }
    }

    // The address stands in sockaddr_in behind the port, and in sockaddr_in6 behind port and flow label.
    private static Address? AddressAt(byte* socket) => socket is null ? null : *(ushort*)socket switch
    {
        IPv4 => Address.FromIPv4(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(new ReadOnlySpan<byte>(socket + 4, 4))),
        IPv6 => new Address(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(new ReadOnlySpan<byte>(socket + 8, 16))),
        _ => null,
    };

    private static int Length(Address address, Address? mask) => (address.IsIPv4, mask) switch
    {
        (true, { IsIPv4: true } bits) => BitOperations.PopCount(bits.IPv4Bits),
        (false, { } bits) => BitOperations.PopCount(bits.High) + BitOperations.PopCount(bits.Low),
        (true, _) => 32,
        (false, _) => 128,
    };

    [LibraryImport("libc", EntryPoint = "getifaddrs", SetLastError = true)]
    private static partial int GetAddresses(Entry** first);

    [LibraryImport("libc", EntryPoint = "freeifaddrs")]
    private static partial void FreeAddresses(Entry* first);

    // struct ifaddrs of ifaddrs.h, as far as it is read.
    [StructLayout(LayoutKind.Sequential)]
    private struct Entry
    {
        public Entry* Next;
        public byte* Name;
        public uint Flags;
        public byte* Address;
        public byte* Mask;
    }
}
