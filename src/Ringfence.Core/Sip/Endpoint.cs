using Ringfence.Core.Events;

namespace Ringfence.Core.Sip;

/// <summary>One end of a conversation, as the kernel gave it.</summary>
internal readonly record struct Endpoint(Address Address, ushort Port);
