namespace Ringfence.Core.Wire;

/// <summary>One instruction of the kernel's classic packet filter, struct sock_filter of linux/filter.h.</summary>
/// <param name="IfTrue">Instructions to pass over where a comparison holds.</param>
internal readonly record struct FilterInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);
