[assembly: Ringfence.Tests.EndsInTime(180)]
